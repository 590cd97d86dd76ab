import { EventSource } from "eventsource";
import type { Environment } from "./environment.js";
import type { Access, GetToken } from "./tokens.js";

/** Requests that are refused again within this time are part of the same attempt: the token is not asked for again. */
const SAME_ATTEMPT_MILLIS = 1_000;

/** How a stream that is read by `fetch` makes its request. */
export type FetchStream = (url: string | URL, init: RequestInit) => Promise<Response>;

const openEventSource = (url: string, fetch: FetchStream): globalThis.EventSource =>
  new EventSource(url, { fetch });

/** Requests and streams with a token. This module and the package `eventsource` are loaded only where tokens are used. */
export class TokenAccess implements Access {
  readonly #env: Environment;
  readonly #getToken: GetToken;
  readonly #open: (url: string, fetch: FetchStream) => globalThis.EventSource;
  #token: string | null = null;
  /** No stream has used the token: it came after the attempt that asked for it was given up. */
  #isUnused = false;
  #asking: Promise<string> | null = null;
  /** When a request was refused although the token had just been asked for. */
  #refusedAt = Number.NEGATIVE_INFINITY;

  constructor(env: Environment, getToken: GetToken, open = openEventSource) {
    this.#env = env;
    this.#getToken = getToken;
    this.#open = open;
  }

  fetch(url: string, init: RequestInit): Promise<Response> {
    return this.#fetch(url, init, false);
  }

  openEventSource(url: string, withCredentials: boolean): globalThis.EventSource {
    const credentials = withCredentials ? "include" : "same-origin";
    return this.#open(url, (to, init) =>
      this.#fetch(`${to}`, { ...init, credentials, redirect: "manual" }, true),
    );
  }

  /** @param isStream a stream asks for its token anew, because it is to last as long as possible */
  async #fetch(url: string, init: RequestInit, isStream: boolean): Promise<Response> {
    const isRefused = Number.isFinite(this.#refusedAt);
    const isSameAttempt = this.#env.elapsed() - this.#refusedAt < SAME_ATTEMPT_MILLIS;
    const isNew =
      this.#token === null || (isStream ? !this.#isUnused : isRefused && !isSameAttempt);
    let response = await this.#send(url, init, isNew);
    if (response.status === 401 && !isSameAttempt && !(isRefused && isNew)) {
      response = await this.#send(url, init, true);
    }
    if (isStream) this.#isUnused = false;
    this.#refusedAt = response.status === 401 ? this.#env.elapsed() : Number.NEGATIVE_INFINITY;
    return response;
  }

  async #send(url: string, init: RequestInit, asks: boolean): Promise<Response> {
    const token = asks ? await unlessAborted(this.#ask(), init.signal) : this.#token;
    // Without a token the browser's cookies would decide who it is.
    if (!token) return new Response(null, { status: 401 });
    const headers = { ...init.headers, Authorization: `Bearer ${token}` };
    return this.#env.fetch(url, { ...init, headers });
  }

  #ask(): Promise<string> {
    this.#asking ??= this.#askNow().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #askNow(): Promise<string> {
    try {
      this.#token = await this.#getToken();
      this.#isUnused = true;
      return this.#token;
    } catch (error) {
      throw Object.assign(new Error(`no token: ${error}`), { name: "TokenError" });
    }
  }
}

/** A request that is given up does not wait for a token that may never come. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  return new Promise((done, failed) => {
    const abort = () => failed(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
    promise.then(done, failed);
  });
}

export function accessByToken(env: Environment, getToken: GetToken): Access {
  return new TokenAccess(env, getToken);
}
