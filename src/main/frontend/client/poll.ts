import { below, credentialsOf, type Endpoint } from "./endpoint.js";
import type { Environment } from "./environment.js";
import { parseEventId } from "./event.js";
import type { Auth } from "./identity.js";
import { endOf, type Page } from "./order.js";
import {
  DEFAULT_POLL_MILLIS,
  pollDelay,
  type Refusal,
  retryAfterMillis,
  signInDelay,
} from "./policy.js";
import type { LogStatus } from "./stream.js";
import { Timers } from "./timers.js";
import { isTokenError } from "./tokens.js";

/** The answer of `GET /api/sse/poll`. */
export interface PollPage extends Page {
  readonly newest: number;
  readonly pollMillis: number;
  readonly status?: LogStatus;
  /** Who is signed in, from servers that say so in polls too. */
  readonly auth?: Auth | null;
}

/** How a poll ended. It tells apart what an `EventSource` hides. */
export type PollOutcome =
  | { readonly kind: "page"; readonly page: PollPage }
  /** `loginPage`: the answer was one, or a redirect to it. */
  | {
      readonly kind: "refused";
      readonly refusal: Refusal;
      readonly loginPage: boolean;
      readonly message: string;
    }
  /** `unreachable`: there was no answer at all. `retryAfter` is 0 if the answer asked for no pause. */
  | {
      readonly kind: "failed";
      readonly unreachable: boolean;
      readonly retryAfter: number;
      readonly message: string;
    };

/** What a loop needs of its owner. */
export interface PollOwner {
  /** Where to ask from. */
  cursor(): string | null;
  /** Whether to ask again after this answer. */
  wanted(): boolean;
  /** `askedAt` is on the clock of `elapsed()`. */
  polled(after: string | null, outcome: PollOutcome, askedAt: number): void;
}

/** Into a network that drops packets, a request would wait for minutes. */
const ANSWER_WITHIN_MILLIS = 5_000;

/** Two servers that contradict each other must not make the client ask without end. */
const GAP_PAUSE_MILLIS = 200;

/** `Date` has a resolution of a second. Two answers that are further apart than this have different ones. */
const SAME_DATE_MILLIS = 2_000;

/** How much older than expected an answer may be: it may take 5 s, and `Date` is cut to seconds. */
const LATE_MILLIS = 7_000;

/** Polls again and again, one request at a time: at the server's pace while it answers, slower while it does not. */
export class PollLoop {
  readonly #env: Environment;
  readonly #endpoint: Endpoint;
  readonly #owner: PollOwner;
  readonly #timers: Timers;
  #request: AbortController | null = null;
  /** The owner is being told: what follows is decided after it. */
  #isAnswering = false;
  #succeeded: boolean | null = null;
  #failures = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #pollMillis = DEFAULT_POLL_MILLIS;
  #date: { readonly millis: number; readonly since: number } | null = null;

  constructor(env: Environment, endpoint: Endpoint, owner: PollOwner) {
    this.#env = env;
    this.#endpoint = endpoint;
    this.#owner = owner;
    this.#timers = new Timers(env);
  }

  /** How the last poll ended; null before the first. */
  get succeeded(): boolean | null {
    return this.#succeeded;
  }

  get running(): boolean {
    return this.#request !== null || this.#isAnswering || this.#timers.left("poll") !== null;
  }

  /** Asks at once, whatever pause was asked for. */
  now(): void {
    if (this.#request) return;
    this.#timers.cancel("poll");
    const request = new AbortController();
    const askedAt = this.#env.elapsed();
    const after = this.#owner.cursor();
    this.#request = request;
    this.#askedAt = askedAt;
    void this.#ask(after, request).then((outcome) => {
      if (this.#request !== request) return;
      this.#request = null;
      this.#answered(after, outcome, askedAt);
    });
  }

  /** Asks soon: at once, if the last question is old enough. */
  soon(): void {
    // After a failure, the loop asks again by itself.
    if (this.#request || (this.#failures > 0 && this.running)) return;
    const pause = this.#askedAt + GAP_PAUSE_MILLIS - this.#env.elapsed();
    if (pause <= 0) this.now();
    else this.#again(pause);
  }

  /** Ends the loop; an answer that is under way is not heard any more. */
  stop(): void {
    this.#request?.abort();
    this.#request = null;
    this.#failures = 0;
    this.#timers.clear();
  }

  /** As if nothing had been asked yet. */
  forget(): void {
    this.stop();
    this.#succeeded = null;
  }

  /** The server's pace. */
  set pollMillis(millis: number) {
    this.#pollMillis = millis;
  }

  runDue(): void {
    this.#timers.runDue();
  }

  #answered(after: string | null, outcome: PollOutcome, askedAt: number): void {
    this.#succeeded = outcome.kind === "page";
    this.#failures = this.#succeeded ? 0 : this.#failures + 1;
    if (outcome.kind === "page") this.#pollMillis = outcome.page.pollMillis;
    this.#isAnswering = true;
    this.#owner.polled(after, outcome, askedAt);
    this.#isAnswering = false;
    if (this.#owner.wanted()) this.#again(this.#pause(outcome));
  }

  #pause(outcome: PollOutcome): number {
    const { random } = this.#env;
    if (outcome.kind === "page" && outcome.page.more) return 0;
    if (outcome.kind === "refused") {
      return signInDelay(outcome.loginPage ? this.#failures : 1, random);
    }
    const floor = outcome.kind === "failed" ? outcome.retryAfter : 0;
    return Math.max(floor, pollDelay(this.#pollMillis, this.#failures, random));
  }

  #again(millis: number): void {
    const left = this.#timers.left("poll");
    if (this.#request || (left !== null && left <= millis)) return;
    this.#timers.set("poll", millis, () => this.now());
  }

  async #ask(after: string | null, request: AbortController): Promise<PollOutcome> {
    const timeout = this.#env.setTimeout(() => request.abort(), ANSWER_WITHIN_MILLIS);
    try {
      const url = below(this.#endpoint.url, "/poll", { after });
      const response = await this.#env.fetch(url, {
        cache: "no-store",
        credentials: credentialsOf(this.#endpoint),
        redirect: "manual",
        signal: request.signal,
      });
      return await this.#outcomeOf(after, response);
    } catch (error) {
      const why = request.signal.aborted ? "no answer within 5 s" : String(error);
      const unreachable = !isTokenError(error);
      return { kind: "failed", unreachable, retryAfter: 0, message: `poll: ${why}` };
    } finally {
      this.#env.clearTimeout(timeout);
    }
  }

  async #outcomeOf(after: string | null, response: Response): Promise<PollOutcome> {
    const { status, headers } = response;
    const refused = (refusal: Refusal, loginPage: boolean, message: string) =>
      ({ kind: "refused", refusal, loginPage, message }) as const;
    const isRedirect = status >= 300 && status < 400;
    if (response.type === "opaqueredirect" || response.redirected || isRedirect) {
      return refused("sign_in", true, "the server redirects to another page: sign in again");
    }
    if (status === 401) return refused("sign_in", false, "HTTP 401: sign in again");
    if (status === 403) return refused("forbidden", false, "the server refuses: HTTP 403");
    const failed = (message: string, retryAfter = 0) =>
      ({ kind: "failed", unreachable: false, retryAfter, message }) as const;
    const date = headers.get("Date");
    if (!response.ok) {
      const serverTime = Date.parse(date ?? "") || this.#env.now();
      const retryAfter = retryAfterMillis(headers.get("Retry-After"), serverTime) ?? 0;
      const pause = retryAfter > 0 ? `, asks to wait ${Math.round(retryAfter / 1_000)} s` : "";
      return failed(`poll: HTTP ${status}${pause}`, retryAfter);
    }
    if (headers.get("Content-Type")?.startsWith("text/html")) {
      return refused("sign_in", true, "the answer is a page and no events: sign in again");
    }
    const page = await pageOf(response);
    if (!page) return failed("poll: the answer is not the server's");
    if (this.#isCached(date) || !answers(after, page)) {
      return failed("poll: the answer comes from a cache");
    }
    return { kind: "page", page };
  }

  /**
   * A service worker may answer from its cache while the server is down: with a `Date` that has not moved, or that is
   * older than the last one and the time since then. (A server's clock that was set back looks like that once.)
   */
  #isCached(date: string | null): boolean {
    const now = this.#env.elapsed();
    const millis = Date.parse(date ?? "");
    const before = this.#date;
    if (Number.isNaN(millis)) return false;
    if (before?.millis === millis) return now - before.since > SAME_DATE_MILLIS;
    this.#date = { millis, since: now };
    return before !== null && millis < before.millis + (now - before.since) - LATE_MILLIS;
  }
}

/** A gateway may answer in the server's place, with 200 and a page or JSON of its own. */
async function pageOf(response: Response): Promise<PollPage | null> {
  try {
    const page = (await response.json()) as Partial<PollPage> | null;
    const isOurs =
      Array.isArray(page?.events) &&
      typeof page.lastEventId === "string" &&
      typeof page.pollMillis === "number";
    return isOurs ? (page as PollPage) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Whether the page goes on from the cursor without a gap, as the server's own does: a cache may mix up questions. */
function answers(after: string | null, page: PollPage): boolean {
  const asked = parseEventId(after);
  if (page.reset || !asked) return true;
  const end = endOf(asked.offset, page);
  if (end === null) return false;
  const last = parseEventId(page.lastEventId)?.offset ?? end;
  return last >= (parseEventId(page.events.at(-1)?.id)?.offset ?? asked.offset) && last <= end;
}
