/** What a client can be in; DESIGN: "the browser client". */
export type ConnectionStatus = "connected" | "reconnecting" | "polling" | "disconnected";

/** A stream that has not said `hello` by then is no stream: a proxy may hold it open and empty. */
export const HELLO_WITHIN_MILLIS = 5_000;

/** So many attempts may fail before polling stops being a stopgap. */
export const ATTEMPTS_BEFORE_POLLING = 5;

/** How often SSE is tried again once polling has taken over. */
export const PROBE_MILLIS = 30_000;

/** What the server says in `hello` until it has said it. */
export const DEFAULT_KEEPALIVE_MILLIS = 15_000;
export const DEFAULT_POLL_MILLIS = 5_000;

const FIRST_DELAY_MILLIS = 2_000;
export const LONGEST_DELAY_MILLIS = 16_000;

/** Short enough for a dispatcher who waits for the server to come back. */
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

/** A stream that was silent for so long is a broken one, whatever its socket says. */
export function silenceMillis(keepaliveMillis: number): number {
  return 2.5 * keepaliveMillis;
}

/** Reads `Retry-After`, which is seconds or an HTTP date. */
export function retryAfterMillis(header: string | null, now: number): number | null {
  if (header === null) return null;
  const seconds = Number(header);
  const millis = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1_000;
  return Number.isNaN(millis) ? null : Math.max(0, millis);
}

/** Everything that decides the status, and nothing else. */
export interface Facts {
  /** `hello` has arrived and no frame is overdue, or the server announced a drain that is not over. */
  readonly streaming: boolean;
  /** Attempts that failed since the stream was last up. */
  readonly attempts: number;
  /** How the last poll ended; null before the first. */
  readonly pollSucceeded: boolean | null;
  /** The server answered 401 or 403. */
  readonly refused: boolean;
  /** Somebody asked for polling only. */
  readonly pollingForced: boolean;
}

/** The one place that says which state we are in. */
export function statusOf(facts: Facts): ConnectionStatus {
  if (facts.streaming) return "connected";
  if (facts.refused) return "disconnected";
  const givesWay = facts.pollingForced || facts.attempts >= ATTEMPTS_BEFORE_POLLING;
  if (!givesWay || facts.pollSucceeded === null) return "reconnecting";
  return facts.pollSucceeded ? "polling" : "disconnected";
}
