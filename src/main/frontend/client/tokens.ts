import type { Environment } from "./environment.js";

/** Gives the token for the next requests; an empty one if nobody is signed in. */
export type GetToken = () => Promise<string>;

/** `getToken()` failed: that says nothing about the server. */
export class TokenError extends Error {}

/** Requests that are refused again within this time are part of the same attempt: the token is not asked for again. */
const SAME_ATTEMPT_MILLIS = 1_000;

/**
 * An environment whose requests and streams carry the token. It is kept in this object only, so in the memory of the
 * tab that holds the connection.
 */
export function withTokens(env: Environment, getToken: GetToken): Environment {
  const tokens = new Tokens(env, getToken);
  return Object.assign(Object.create(env) as Environment, {
    fetch: (url: string, init: RequestInit) => tokens.fetch(url, init, false),
    openEventSource: async (url: string, withCredentials: boolean) => {
      const credentials = withCredentials ? "include" : "same-origin";
      const request = (to: string | URL, init: RequestInit) =>
        tokens.fetch(`${to}`, { ...init, credentials, redirect: "manual" }, true);
      if (env.openFetchEventSource) return env.openFetchEventSource(url, request);
      const { EventSource } = await import("eventsource");
      return new EventSource(url, { fetch: request as typeof fetch });
    },
  } satisfies Partial<Environment>);
}

class Tokens {
  readonly #env: Environment;
  readonly #getToken: GetToken;
  #token: string | null = null;
  #asking: Promise<string> | null = null;
  /** A token that no request has used: an attempt was given up while it was asked for. */
  #isUnused = false;
  /** When a request was refused although the token had just been asked for, on the clock of `elapsed()`. */
  #refusedAt: number | null = null;

  constructor(env: Environment, getToken: GetToken) {
    this.#env = env;
    this.#getToken = getToken;
  }

  /** @param fresh a stream asks for its token anew, because it is to last as long as possible */
  async fetch(url: string, init: RequestInit, fresh: boolean): Promise<Response> {
    const refusedAt = this.#refusedAt;
    const isSameAttempt =
      refusedAt !== null && this.#env.elapsed() - refusedAt < SAME_ATTEMPT_MILLIS;
    const asks = !isSameAttempt && (fresh || refusedAt !== null);
    const response = await this.#send(url, init, asks);
    if (response.status !== 401) {
      this.#refusedAt = null;
      return response;
    }
    if (refusedAt !== null) {
      this.#refusedAt = this.#env.elapsed();
      return response;
    }
    const again = await this.#send(url, init, true);
    if (again.status === 401) this.#refusedAt = this.#env.elapsed();
    return again;
  }

  async #send(url: string, init: RequestInit, asks: boolean): Promise<Response> {
    const token =
      this.#token !== null && !asks ? this.#token : await unlessAborted(this.#ask(), init.signal);
    this.#isUnused = false;
    // Without a token the browser's cookies would decide who it is.
    if (token === "") return new Response(null, { status: 401 });
    const headers = { ...init.headers, Authorization: `Bearer ${token}` };
    return this.#env.fetch(url, { ...init, headers });
  }

  #ask(): Promise<string> {
    if (this.#isUnused && this.#token !== null) return Promise.resolve(this.#token);
    this.#asking ??= this.#askNow().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #askNow(): Promise<string> {
    try {
      this.#token = await this.#getToken();
    } catch (error) {
      throw new TokenError(`no token: ${error}`);
    }
    this.#isUnused = true;
    return this.#token;
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
