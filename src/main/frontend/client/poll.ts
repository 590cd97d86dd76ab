import type { Environment } from "./environment.js";
import type { SSEEvent } from "./event.js";
import { retryAfterMillis } from "./policy.js";

/** Where the server is and how to ask it. */
export interface Line {
  /** The stream's absolute address. */
  readonly url: string;
  readonly withCredentials: boolean;
}

/** What `GET /api/sse/poll` answers. */
export interface PollPage {
  readonly epoch: string;
  readonly oldest: number;
  readonly newest: number;
  readonly reset: { readonly reason: string; readonly missed: number | null } | null;
  readonly events: readonly SSEEvent[];
  readonly lastEventId: string;
  readonly more: boolean;
  readonly pollMillis: number;
}

/** How a poll ended. The status tells apart what an `EventSource` hides. */
export type PollOutcome =
  | { readonly kind: "page"; readonly page: PollPage }
  | { readonly kind: "refused"; readonly status: number }
  | { readonly kind: "unavailable"; readonly status: number; readonly retryAfter: number }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "unreachable"; readonly message: string }
  | { readonly kind: "aborted" };

/** Into a black hole, a request would wait for minutes. */
const ANSWER_WITHIN_MILLIS = 5_000;

/** Asks once for what came after the cursor; never throws. */
export async function poll(
  env: Environment,
  { url, withCredentials }: Line,
  after: string | null,
  signal: AbortSignal,
): Promise<PollOutcome> {
  const request = new AbortController();
  const abort = () => request.abort();
  const timeout = env.setTimeout(abort, ANSWER_WITHIN_MILLIS);
  signal.addEventListener("abort", abort);
  try {
    const query = after === null ? "" : `?after=${encodeURIComponent(after)}`;
    const response = await env.fetch(`${url}/poll${query}`, {
      cache: "no-store",
      credentials: withCredentials ? "include" : "same-origin",
      signal: request.signal,
    });
    return await outcomeOf(env, response);
  } catch (error) {
    if (signal.aborted) return { kind: "aborted" };
    const message = request.signal.aborted ? "no answer within 5 s" : String(error);
    return { kind: "unreachable", message: `poll: ${message}` };
  } finally {
    env.clearTimeout(timeout);
    signal.removeEventListener("abort", abort);
  }
}

async function outcomeOf(env: Environment, response: Response): Promise<PollOutcome> {
  const { status } = response;
  if (response.ok) {
    const page = await pageOf(response);
    return page
      ? { kind: "page", page }
      : { kind: "failed", message: "poll: the answer is not the server's" };
  }
  if (status === 401 || status === 403) return { kind: "refused", status };
  const retryAfter = retryAfterMillis(response.headers.get("Retry-After"), env.now());
  if (retryAfter !== null) return { kind: "unavailable", status, retryAfter };
  return { kind: "failed", message: `poll: HTTP ${status}` };
}

/** A gateway may answer for the server, with 200 and a page or JSON of its own. */
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

/** How it ended, in words. */
export function inWords(outcome: PollOutcome): string {
  switch (outcome.kind) {
    case "page":
      return "polls succeed";
    case "refused":
      return `the server refuses: HTTP ${outcome.status}`;
    case "unavailable":
      return `HTTP ${outcome.status}: the server asks to wait ${outcome.retryAfter / 1_000} s`;
    case "failed":
    case "unreachable":
      return outcome.message;
    case "aborted":
      return "poll aborted";
  }
}
