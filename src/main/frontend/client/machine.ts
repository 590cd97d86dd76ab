import {
  ATTEMPTS_BEFORE_POLLING,
  type ConnectionStatus,
  HELLO_WITHIN_MILLIS,
  LONGEST_DELAY_MILLIS,
  PROBE_MILLIS,
  RENEWAL_FLOOR_MILLIS,
  type Refusal,
  reconnectDelay,
  signInDelay,
} from "./policy.js";

/** How often the stream was tried since it was last up. */
export interface Tries {
  /** Attempts that failed. */
  readonly attempts: number;
  /** Pauses that were made. */
  readonly delays: number;
  /** The server's `retry`, as learned from the browser's own attempt: JavaScript cannot read it. */
  readonly retryMillis: number;
}

/** Polls say that the server refuses. `loginPage`: the answer was one, or a redirect to it. */
export interface Refused {
  readonly refusal: Refusal;
  readonly loginPage: boolean;
}

/**
 * The phases of a connection. Times (`…Until`, `since`) are on the clock of `elapsed()`.
 *
 * `grace`: the server announced the end of the stream, and until then its absence is as expected.
 */
export type Phase =
  | { readonly name: "stopped" }
  /** A stream was opened and has not said `hello`. `floor`: a gateway asked for this pause meanwhile. */
  | {
      readonly name: "opening";
      readonly tries: Tries;
      readonly grace: number | null;
      readonly refused: Refused | null;
      readonly floor: number;
    }
  /** `since`: the time of its `hello`. */
  | { readonly name: "up"; readonly silenceMillis: number; readonly since: number }
  /**
   * Beside the stream that is up, the next one was opened and has not said `hello`: the identity will expire, or the
   * stream's node has been cut off from the log and another may not be.
   */
  | { readonly name: "renewing"; readonly silenceMillis: number; readonly since: number }
  /** The server announced the end of the stream. `judged`: the next answer says whether it serves this user at all. */
  | { readonly name: "draining"; readonly judged: boolean }
  /** The stream broke, and the browser makes the first attempt itself, because only it knows the server's `retry`. */
  | {
      readonly name: "returning";
      readonly since: number;
      readonly polled: boolean;
      readonly refused: Refused | null;
    }
  /** No stream; the next attempt comes with the timer. `forced`: none is made, somebody asked for polling only. */
  | {
      readonly name: "waiting";
      readonly tries: Tries;
      readonly grace: number | null;
      readonly forced: boolean;
    }
  | { readonly name: "refused"; readonly tries: Tries; readonly refused: Refused };

export type PhaseName = Phase["name"];

/** What can happen to a connection. */
export type Input =
  | { readonly kind: "start"; readonly attempts: number; readonly forced: boolean }
  | { readonly kind: "stop" }
  /** The response of the stream has begun. */
  | { readonly kind: "opened" }
  | { readonly kind: "hello"; readonly silenceMillis: number }
  | { readonly kind: "drain"; readonly reason: string; readonly reconnectMillis: number }
  /** The identity will expire soon, or it is time to look for a node that reaches the log. */
  | { readonly kind: "renew" }
  /** The next stream failed, or has not said `hello` in time. */
  | { readonly kind: "nextBroke" }
  /** The `EventSource` failed. `returns`: it tries again by itself. */
  | { readonly kind: "broke"; readonly returns: boolean }
  /** The timer ran out. `silentMillis`: how long ago the last frame came. */
  | { readonly kind: "due"; readonly silentMillis: number }
  /** `recovered`: the poll before failed. */
  | { readonly kind: "pollOk"; readonly recovered: boolean }
  | ({ readonly kind: "pollRefused" } & Refused)
  /** `streamIsDead`: there was no answer, and no frame since the question. */
  | { readonly kind: "pollFailed"; readonly retryAfter: number; readonly streamIsDead: boolean }
  /** The page, the network or another tab says: look now. `fresh`: the server was heard a moment ago. */
  | { readonly kind: "wake"; readonly fresh: boolean }
  | { readonly kind: "reconnect" }
  | { readonly kind: "force"; readonly on: boolean }
  /** The browser returned with an older cursor than ours: ask again with ours. */
  | { readonly kind: "reopen" };

export type InputKind = Input["kind"];

/** What the shell has to do, in this order. */
export type Effect =
  | { readonly do: "open" }
  /** Closes every stream. */
  | { readonly do: "close" }
  /** Opens the next stream beside the one that is up. */
  | { readonly do: "openNext" }
  | { readonly do: "closeNext" }
  /** Closes the stream; the next one takes its place. */
  | { readonly do: "takeNext" }
  /** Tries the renewal again later. */
  | { readonly do: "renewLater" }
  /** Sets the one timer; null clears it. */
  | { readonly do: "timer"; readonly millis: number | null }
  /** Moves the timer back if it is due sooner. */
  | { readonly do: "delay"; readonly millis: number }
  /** Polls now, whatever pause was asked for. */
  | { readonly do: "poll" }
  /** Polls as if none had been made. */
  | { readonly do: "forgetPolls" }
  | { readonly do: "say"; readonly reason: string; readonly isFault: boolean };

export interface Step {
  readonly phase: Phase;
  readonly effects: readonly Effect[];
}

/** The present, for decisions that depend on it. */
export interface Present {
  /** On the clock of `elapsed()`. */
  readonly now: number;
  random(): number;
}

export const STOPPED: Phase = { name: "stopped" };

const FRESH: Tries = { attempts: 0, delays: 0, retryMillis: 0 };

/** How long the browser's own first attempt may take before it counts as failed: the usual `retry`, and `hello`. */
const OWN_ATTEMPT_MILLIS = 7_000;

/** A `retry` longer than this is not waited for. */
const LONGEST_RETRY_MILLIS = 30_000;

/** A server that says it comes back later than this is not believed. */
const LONGEST_DRAIN_MILLIS = 300_000;

/** Each attempt that a login page answers may begin a login: streams are tried less often than polls. */
const SIGN_IN_STREAM_FACTOR = 4;

const OPEN: Effect = { do: "open" };
const CLOSE: Effect = { do: "close" };
const OPEN_NEXT: Effect = { do: "openNext" };
const CLOSE_NEXT: Effect = { do: "closeNext" };
const TAKE_NEXT: Effect = { do: "takeNext" };
const RENEW_LATER: Effect = { do: "renewLater" };
const POLL: Effect = { do: "poll" };
const FORGET_POLLS: Effect = { do: "forgetPolls" };
const timer = (millis: number | null): Effect => ({ do: "timer", millis });
const delay = (millis: number): Effect => ({ do: "delay", millis });
const say = (reason: string): Effect => ({ do: "say", reason, isFault: false });
const fault = (reason: string): Effect => ({ do: "say", reason, isFault: true });

/** The connection as a state machine: pure, so that a table can test it. The same phase object: nothing changed. */
export function step(phase: Phase, input: Input, present: Present): Step {
  if (input.kind === "stop") return { phase: STOPPED, effects: [CLOSE, timer(null)] };
  if (phase.name === "stopped") return input.kind === "start" ? start(input, present) : same(phase);
  switch (input.kind) {
    case "start":
      return same(phase);
    case "reconnect":
      return reconnect(present);
    case "force":
      return force(phase, input.on, present);
    case "hello":
      return hello(phase, input.silenceMillis, present);
    default:
      return stepOf(phase, input, present);
  }
}

function stepOf(phase: Exclude<Phase, { name: "stopped" }>, input: Input, present: Present): Step {
  switch (phase.name) {
    case "opening":
      return opening(phase, input, present);
    case "up":
    case "renewing":
      return up(phase, input, present);
    case "draining":
      return draining(phase, input, present);
    case "returning":
      return returning(phase, input, present);
    case "waiting":
      return waiting(phase, input, present);
    case "refused":
      return refused(phase, input, present);
  }
}

type In<N extends PhaseName> = Extract<Phase, { name: N }>;

const same = (phase: Phase, ...effects: Effect[]): Step => ({ phase, effects });

function start({ attempts, forced }: { attempts: number; forced: boolean }, now: Present): Step {
  if (forced) return { phase: forcedPhase(), effects: [timer(null), POLL, say("starting")] };
  const tries = { ...FRESH, attempts, delays: attempts };
  const effects = attempts >= ATTEMPTS_BEFORE_POLLING ? [POLL] : [];
  return open(tries, now, {}, [...effects, say("starting")]);
}

function reconnect(now: Present): Step {
  return open(FRESH, now, {}, [FORGET_POLLS, say("reconnect asked for")]);
}

function force(phase: Phase, on: boolean, now: Present): Step {
  const isForced = phase.name === "waiting" && phase.forced;
  if (on === isForced) return same(phase);
  if (!on) return reconnect(now);
  return {
    phase: forcedPhase(),
    effects: [CLOSE, timer(null), FORGET_POLLS, POLL, say("polling asked for")],
  };
}

const forcedPhase = (): Phase => ({ name: "waiting", tries: FRESH, grace: null, forced: true });

function hello(phase: Phase, silenceMillis: number, { now }: Present): Step {
  if (phase.name === "waiting" || phase.name === "refused") return same(phase);
  const next = phase.name === "renewing" ? [TAKE_NEXT] : [];
  return {
    phase: { name: "up", silenceMillis, since: now },
    effects: [...next, timer(silenceMillis), say("the stream is up")],
  };
}

function opening(phase: In<"opening">, input: Input, now: Present): Step {
  switch (input.kind) {
    case "broke":
      return failed(phase, "the stream could not be opened", now);
    case "due":
      return failed(phase, "no hello within 5 s", now);
    case "reopen":
      return open(phase.tries, now, phase);
    case "pollOk":
      return same({ ...phase, refused: null, floor: 0 });
    case "pollRefused":
      return phase.grace === null ? same({ ...phase, refused: refusedOf(input) }) : same(phase);
    case "pollFailed":
      return same({ ...phase, refused: null, floor: input.retryAfter });
    case "wake":
      return same(phase, ...(pollsBeside(phase) ? [POLL] : []));
    default:
      return same(phase);
  }
}

function up(phase: In<"up"> | In<"renewing">, input: Input, now: Present): Step {
  const { silenceMillis } = phase;
  const renews = phase.name === "renewing";
  const lost = (reason: string, returns: boolean) =>
    renews ? nextTakesOver(reason) : broke(reason, returns, now);
  switch (input.kind) {
    case "broke":
      return lost("the stream broke", input.returns);
    case "due": {
      const left = silenceMillis - input.silentMillis;
      if (left > 0) return same(phase, timer(left));
      return lost(`the stream was silent for ${silenceMillis / 1_000} s`, false);
    }
    case "drain":
      return drain(phase, input, now);
    case "renew":
      return renews ? same(phase) : same({ ...phase, name: "renewing" }, OPEN_NEXT);
    case "nextBroke":
      return renews ? same({ ...phase, name: "up" }, CLOSE_NEXT, RENEW_LATER) : same(phase);
    case "pollFailed":
      return input.streamIsDead
        ? broke("neither the stream nor a poll brings anything", false, now)
        : same(phase);
    case "wake":
      return same(phase, ...(input.fresh ? [] : [POLL]));
    case "reopen":
      return open(FRESH, now);
    default:
      return same(phase);
  }
}

function nextTakesOver(reason: string): Step {
  return {
    phase: { name: "opening", tries: FRESH, grace: null, refused: null, floor: 0 },
    effects: [TAKE_NEXT, timer(HELLO_WITHIN_MILLIS), POLL, fault(reason)],
  };
}

function drain(
  { name, since }: In<"up"> | In<"renewing">,
  { reason, reconnectMillis }: Extract<Input, { kind: "drain" }>,
  { now }: Present,
): Step {
  // An identity that expires as soon as it is used must not cause a loop.
  const least = reason === "expired" ? since + RENEWAL_FLOOR_MILLIS - now : 0;
  const millis = Math.min(Math.max(reconnectMillis, least), LONGEST_DRAIN_MILLIS);
  const words = `the server ends this stream (${reason}); a new one in ${millis / 1_000} s`;
  const judged = reason === "signed_out" || reason === "revoked";
  const next = name === "renewing" ? [CLOSE_NEXT] : [];
  return { phase: { name: "draining", judged }, effects: [...next, timer(millis), say(words)] };
}

function draining(phase: In<"draining">, input: Input, now: Present): Step {
  switch (input.kind) {
    // Closed by us too, or the browser would return sooner than announced.
    case "broke":
      return same(phase, CLOSE);
    case "due":
      // Nobody is to be told that all is well until the server has said who may connect.
      if (phase.judged) return open(FRESH, now, {}, [POLL, say("the server ended the stream")]);
      return open(FRESH, now, { grace: now.now + HELLO_WITHIN_MILLIS });
    case "drain":
      return same(phase, timer(Math.min(input.reconnectMillis, LONGEST_DRAIN_MILLIS)));
    case "reopen":
      return open(FRESH, now);
    default:
      return same(phase);
  }
}

function returning(phase: In<"returning">, input: Input, now: Present): Step {
  const waited = now.now - phase.since;
  const tries = { attempts: 0, delays: 1, retryMillis: Math.min(waited, LONGEST_DELAY_MILLIS) };
  const fail = (reason: string) => failed({ tries, refused: phase.refused }, reason, now);
  switch (input.kind) {
    case "opened": {
      // The browser's own attempt has got through, so its wait was the server's `retry`.
      const { refused } = phase;
      return {
        phase: { name: "opening", tries, grace: null, refused, floor: 0 },
        effects: [timer(HELLO_WITHIN_MILLIS)],
      };
    }
    case "broke":
      return fail("the stream could not be opened");
    case "due":
      // The server answers polls, so it is not the network that keeps the browser waiting: it is a long `retry`.
      return phase.polled && waited < LONGEST_RETRY_MILLIS
        ? same(phase, timer(HELLO_WITHIN_MILLIS))
        : fail("the stream did not come back");
    case "pollOk":
      return input.recovered
        ? open({ ...tries, retryMillis: 0 }, now)
        : same({ ...phase, polled: true, refused: null });
    case "pollRefused":
      return same({ ...phase, polled: false, refused: refusedOf(input) });
    case "pollFailed":
      return input.retryAfter > 0
        ? // The browser would try again sooner.
          {
            phase: {
              name: "waiting",
              tries: { ...tries, retryMillis: 0 },
              grace: null,
              forced: false,
            },
            effects: [CLOSE, timer(input.retryAfter)],
          }
        : same({ ...phase, polled: false, refused: null });
    case "wake":
    case "reopen":
      return open({ ...tries, retryMillis: 0 }, now, {}, [POLL]);
    default:
      return same(phase);
  }
}

function waiting(phase: In<"waiting">, input: Input, now: Present): Step {
  if (phase.forced) return same(phase, ...(input.kind === "wake" ? [POLL] : []));
  const { tries, grace } = phase;
  switch (input.kind) {
    case "due":
      return grace !== null && now.now >= grace ? graceIsOver(now) : open(tries, now, phase);
    case "pollOk":
      return input.recovered && grace === null ? open(tries, now) : same(phase);
    case "pollRefused":
      if (grace !== null) return same(phase);
      return refuse(tries, refusedOf(input), now);
    case "pollFailed":
      return same(
        phase,
        ...(input.retryAfter > 0 && grace === null ? [delay(input.retryAfter)] : []),
      );
    case "wake":
      return grace === null ? open({ ...tries, retryMillis: 0 }, now, {}, [POLL]) : same(phase);
    default:
      return same(phase);
  }
}

function refused(phase: In<"refused">, input: Input, now: Present): Step {
  const { tries } = phase;
  switch (input.kind) {
    case "due":
      return open(tries, now, { refused: phase.refused });
    case "pollOk":
      return open(tries, now);
    case "pollRefused":
      return same({ ...phase, refused: refusedOf(input) });
    case "pollFailed":
      return same(
        { name: "waiting", tries, grace: null, forced: false },
        ...(input.retryAfter > 0 ? [delay(input.retryAfter)] : []),
      );
    case "wake":
      return open(tries, now, { refused: phase.refused }, [POLL]);
    default:
      return same(phase);
  }
}

/** The stream that was up is lost. */
function broke(reason: string, returns: boolean, now: Present): Step {
  if (returns) {
    return {
      phase: { name: "returning", since: now.now, polled: false, refused: null },
      effects: [timer(OWN_ATTEMPT_MILLIS), POLL, fault(reason)],
    };
  }
  const { phase, effects } = wait(FRESH, 0, now);
  return { phase, effects: [CLOSE, ...effects, POLL, fault(reason)] };
}

function graceIsOver(now: Present): Step {
  return broke("the server ended the stream and is not back", false, now);
}

/** An attempt failed. */
function failed(
  of: { tries: Tries; grace?: number | null; refused: Refused | null; floor?: number },
  reason: string,
  now: Present,
): Step {
  const { tries, grace = null, floor = 0 } = of;
  if (grace !== null) {
    const left = grace - now.now;
    if (left <= 0) return graceIsOver(now);
    const millis = Math.min(left, reconnectDelay(1, now.random));
    return {
      phase: { name: "waiting", tries, grace, forced: false },
      effects: [CLOSE, timer(millis), fault(reason)],
    };
  }
  const attempts = tries.attempts + 1;
  const counted = { ...tries, attempts };
  const next = of.refused ? refuse(counted, of.refused, now) : wait(counted, floor, now);
  const gaveWay = attempts === ATTEMPTS_BEFORE_POLLING ? "five attempts failed" : reason;
  return { phase: next.phase, effects: [CLOSE, ...next.effects, fault(gaveWay)] };
}

function wait(tries: Tries, floor: number, now: Present): Step {
  const next = paused(tries);
  const millis = Math.max(pauseOf(next, now), tries.retryMillis, floor);
  const phase = { name: "waiting", tries: next, grace: null, forced: false } as const;
  return { phase, effects: [timer(millis)] };
}

function refuse(tries: Tries, refused: Refused, now: Present): Step {
  const next = paused(tries);
  const millis = (refused.loginPage ? SIGN_IN_STREAM_FACTOR : 1) * signInDelay(1, now.random);
  return { phase: { name: "refused", tries: next, refused }, effects: [timer(millis)] };
}

const paused = (tries: Tries): Tries => ({ ...tries, delays: tries.delays + 1 });

function pauseOf({ attempts, delays }: Tries, now: Present): number {
  return attempts < ATTEMPTS_BEFORE_POLLING ? reconnectDelay(delays, now.random) : PROBE_MILLIS;
}

function open(
  tries: Tries,
  now: Present,
  { grace = null, refused = null }: { grace?: number | null; refused?: Refused | null } = {},
  more: readonly Effect[] = [],
): Step {
  const millis = grace === null ? HELLO_WITHIN_MILLIS : Math.max(0, grace - now.now);
  return {
    phase: { name: "opening", tries, grace, refused, floor: 0 },
    effects: [CLOSE, OPEN, timer(millis), ...more],
  };
}

const refusedOf = ({ refusal, loginPage }: Refused): Refused => ({ refusal, loginPage });

/** Whether polls run beside the attempts: from the first failure on. */
export function pollsBeside(phase: Phase): boolean {
  switch (phase.name) {
    case "returning":
    case "refused":
      return true;
    case "waiting":
      return phase.grace === null;
    case "opening":
      return phase.grace === null && phase.tries.attempts + phase.tries.delays > 0;
    default:
      return false;
  }
}

/** Whether a stream has said `hello` and lives. */
export function isUp(phase: Phase): boolean {
  return phase.name === "up" || phase.name === "renewing";
}

/** The attempts that failed since the stream was last up. */
export function attemptsOf(phase: Phase): number {
  return "tries" in phase ? phase.tries.attempts : 0;
}

/** Why the server refuses, as far as this phase knows. */
export function refusalOf(phase: Phase): Refusal | null {
  return "refused" in phase ? (phase.refused?.refusal ?? null) : null;
}

/** The one place that decides the status. @param pollSucceeded how the last poll ended; null before the first */
export function statusOf(phase: Phase, pollSucceeded: boolean | null): ConnectionStatus {
  if (phase.name === "stopped" || refusalOf(phase)) return "disconnected";
  if (isUp(phase) || phase.name === "draining") return "connected";
  if (phase.name === "returning") return "reconnecting";
  if ("grace" in phase && phase.grace !== null) return "connected";
  const forced = phase.name === "waiting" && phase.forced;
  const givesWay = forced || attemptsOf(phase) >= ATTEMPTS_BEFORE_POLLING;
  if (!givesWay || pollSucceeded === null) return "reconnecting";
  return pollSucceeded ? "polling" : "disconnected";
}
