/** The four states of a connection. */
export type ConnectionStatus = "connected" | "reconnecting" | "polling" | "disconnected";

/** Why the server refuses. `sign_in`: 401 or a login page, so nobody is signed in. `forbidden`: 403. */
export type Refusal = "sign_in" | "forbidden";

/** A stream without `hello` after this time counts as failed: a proxy may hold it open and empty. */
export const HELLO_WITHIN_MILLIS = 5_000;

/** After so many failed attempts, polling is the state and no stopgap. */
export const ATTEMPTS_BEFORE_POLLING = 5;

/** How often a stream is tried once polling has taken over. */
export const PROBE_MILLIS = 30_000;

/** What counts until the server has said something else in `hello`. */
export const DEFAULT_KEEPALIVE_MILLIS = 15_000;
export const DEFAULT_POLL_MILLIS = 5_000;

/** Longer than this, no server, gateway or proxy can make the client wait. */
export const LONGEST_WAIT_MILLIS = 60_000;

const FIRST_DELAY_MILLIS = 2_000;
export const LONGEST_DELAY_MILLIS = 16_000;

/** Short enough for a user who waits for the server to come back. */
const LONGEST_POLL_DELAY_MILLIS = 15_000;

/** Doubles up to a ceiling, then takes 50-100 % of it, so that browsers do not all return at once. */
export function reconnectDelay(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(FIRST_DELAY_MILLIS * 2 ** (attempt - 1), LONGEST_DELAY_MILLIS);
  return ceiling * (0.5 + random() / 2);
}

/** Polls that succeed keep the server's pace; polls that fail slow down, and never stop. */
export function pollDelay(
  pollMillis: number,
  failures: number,
  random: () => number = Math.random,
): number {
  if (failures === 0) return pollMillis;
  const longest = Math.max(pollMillis, LONGEST_POLL_DELAY_MILLIS);
  return Math.min(pollMillis * 2 ** (failures - 1), longest) * (0.5 + random() / 2);
}

/**
 * The pause between attempts that are refused: 30-60 s. Each request that a login page answers may begin a login, with
 * a cookie: those are 60-120 s apart from the fifth on.
 */
export function signInDelay(failures: number, random: () => number = Math.random): number {
  return (failures < 5 ? 30_000 : 60_000) * (1 + random());
}

/** A stream that was silent for so long counts as broken. */
export function silenceMillis(keepaliveMillis: number): number {
  return 2.5 * keepaliveMillis;
}

/**
 * Reads `Retry-After`, seconds or an HTTP date, as milliseconds from 0 to 60,000; null if there is none.
 *
 * @param serverTime the answer's own `Date`: the browser's clock may be wrong
 */
export function retryAfterMillis(header: string | null, serverTime: number): number | null {
  if (header === null) return null;
  const seconds = Number(header);
  const millis = Number.isNaN(seconds) ? Date.parse(header) - serverTime : seconds * 1_000;
  return Number.isNaN(millis) ? null : Math.min(Math.max(0, millis), LONGEST_WAIT_MILLIS);
}

/** The least time between two renewals, so that an identity that is about to expire causes no loop. */
export const RENEWAL_FLOOR_MILLIS = 10_000;

/** Timers of browsers cannot wait for longer. */
const LONGEST_TIMER_MILLIS = 2 ** 31 - 1;

/** When the stream of an identity is renewed: at a random point in the last 20 % of its life. */
export function renewalDelay(expiresInMillis: number, random: () => number = Math.random): number {
  const millis = expiresInMillis * (0.8 + 0.2 * random());
  return Math.min(Math.max(millis, RENEWAL_FLOOR_MILLIS), LONGEST_TIMER_MILLIS);
}

/**
 * When the stream of a node that cannot reach the log is opened again, perhaps at another node: 10-20 s after the node
 * has said so, then every 30-60 s. A load balancer needs a few seconds to notice, and if no node reaches the log, not
 * all browsers return at once.
 */
export function moveDelay(hasMoved: boolean, random: () => number = Math.random): number {
  return (hasMoved ? 30_000 : 10_000) * (1 + random());
}
