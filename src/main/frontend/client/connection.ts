import type { Environment } from "./environment.js";
import { type Batch, decodeEvent, type SSEReset } from "./event.js";
import { Intake } from "./intake.js";
import type { LineState } from "./line-state.js";
import {
  ATTEMPTS_BEFORE_POLLING,
  DEFAULT_KEEPALIVE_MILLIS,
  HELLO_WITHIN_MILLIS,
  LONGEST_DELAY_MILLIS,
  PROBE_MILLIS,
  reconnectDelay,
  silenceMillis,
  statusOf,
} from "./policy.js";
import { inWords, type Line, type PollOutcome } from "./poll.js";
import { PollLoop } from "./poll-loop.js";
import { type Hello, openStream, type Stream } from "./stream.js";
import { Timers } from "./timers.js";

/** Who is told what the connection does. */
export interface ConnectionListener {
  batch(batch: Batch): void;
  reset(reset: SSEReset): void;
  state(state: LineState): void;
}

/** What a connection takes over from the one that another tab had. */
export type Predecessor = Pick<LineState, "attempts" | "pollingForced">;

const NOBODY: Predecessor = { attempts: 0, pollingForced: false };

/** How long the browser's own first attempt may take before it counts as failed: the usual `retry`, and `hello`. */
const OWN_ATTEMPT_MILLIS = 7_000;

/** A `retry` longer than this is not waited for. */
const LONGEST_RETRY_MILLIS = 30_000;

/** A proof that is younger than this needs no check. */
const FRESH_MILLIS = 1_000;

/** The one connection: SSE while it works, polling beside it while it does not. It never gives up. */
export class Connection {
  readonly #env: Environment;
  readonly #line: Line;
  readonly #listener: ConnectionListener;
  readonly #timers: Timers;
  readonly #intake: Intake;
  readonly #polls: PollLoop;

  #running = false;
  #stream: Stream | null = null;
  /** `hello` has come on the stream that is open. */
  #up = false;
  #draining = false;
  #pollingForced = false;
  #refused = false;
  #attempts = 0;
  #delays = 0;
  /** When the browser began to wait for an attempt of its own; null if there is none. */
  #returningSince: number | null = null;
  /** The server's `retry`, as learned from the browser's own attempt: no JavaScript may read it. */
  #retryMillis = 0;
  /** `Retry-After`: nothing is asked before. */
  #notBefore = 0;
  #pollsFailed = false;

  /** The id of the last frame of this stream. */
  #streamAt: string | null = null;
  #lastFrameAt = 0;
  #lastProofAt: number | null = null;
  #keepaliveMillis = DEFAULT_KEEPALIVE_MILLIS;
  #epoch: string | null = null;
  #reason = "starting";
  #error: LineState["error"] = null;

  constructor(env: Environment, line: Line, listener: ConnectionListener) {
    this.#env = env;
    this.#line = line;
    this.#listener = listener;
    this.#timers = new Timers(env);
    this.#intake = new Intake({
      batch: (batch) => listener.batch(batch),
      reset: (reset) => listener.reset(reset),
      gap: () => this.#polls.fillGap(),
    });
    this.#polls = new PollLoop(env, line, {
      cursor: () => this.#intake.cursor,
      stillNeeded: () => this.#running && (!(this.#up || this.#draining) || this.#intake.behind),
      polled: (after, outcome) => this.#polled(after, outcome),
    });
  }

  get state(): LineState {
    return {
      status: statusOf({
        streaming: this.#up || this.#draining,
        attempts: this.#attempts,
        pollSucceeded: this.#polls.succeeded,
        refused: this.#refused,
        pollingForced: this.#pollingForced,
      }),
      reason: this.#reason,
      attempts: this.#attempts,
      nextAttemptAt: this.#timers.due("attempt"),
      cursor: this.#intake.cursor,
      epoch: this.#epoch,
      lastProofAt: this.#lastProofAt,
      keepaliveMillis: this.#keepaliveMillis,
      pollingForced: this.#pollingForced,
      error: this.#error,
    };
  }

  /** @param before what is known of the connection that this one goes on for, if it does for one */
  start(cursor: string | null, before: Predecessor = NOBODY): void {
    if (this.#running) return;
    this.#running = true;
    this.#intake.start(cursor);
    this.#pollingForced = before.pollingForced;
    this.#attempts = before.attempts;
    if (!this.#pollingForced) this.#open();
    if (this.#pollingForced || this.#attempts >= ATTEMPTS_BEFORE_POLLING) this.#polls.now();
    this.#publish("starting");
  }

  /** Leaves no stream, request or timer behind. */
  stop(): void {
    this.#running = false;
    this.#closeStream();
    this.#polls.stop();
    this.#timers.clear();
  }

  /** Something woke us (the network, the page, another tab): look now, timers may have been held back. */
  wake(): void {
    this.runDue();
    if (!this.#running || this.#draining || this.#env.now() < this.#notBefore) return;
    if (this.#up) {
      if (this.#env.now() - (this.#lastProofAt ?? 0) > FRESH_MILLIS) this.#polls.now();
      return;
    }
    if (this.#mayAttempt() && !this.#refused) this.#open();
    // Before the first failure there is nothing to poll for.
    if (this.#polls.running) this.#polls.now();
  }

  runDue(): void {
    this.#timers.runDue();
    this.#polls.runDue();
  }

  /** Gives the stream up and opens a new one at once. */
  reconnect(): void {
    if (!this.#running) return;
    this.#pollingForced = false;
    this.#startOver();
    this.#open();
    this.#publish("reconnect asked for");
  }

  /** Polls only, or goes back to SSE. */
  forcePolling(on: boolean): void {
    if (!on) {
      if (this.#pollingForced) this.reconnect();
      return;
    }
    if (!this.#running || this.#pollingForced) return;
    this.#startOver();
    this.#pollingForced = true;
    this.#polls.now();
    this.#publish("polling asked for");
  }

  #startOver(): void {
    this.#closeStream();
    this.#timers.cancel("attempt", "drain");
    this.#forgetFailures();
    this.#polls.forget();
  }

  #forgetFailures(): void {
    this.#draining = false;
    this.#refused = false;
    this.#attempts = 0;
    this.#delays = 0;
    this.#retryMillis = 0;
    this.#notBefore = 0;
  }

  // ---- the stream

  #open(): void {
    this.#closeStream();
    this.#timers.cancel("attempt");
    this.#streamAt = this.#intake.cursor;
    this.#timers.set("hello", HELLO_WITHIN_MILLIS, () =>
      this.#attemptFailed("no hello within 5 s"),
    );
    this.#stream = openStream(this.#env, this.#line, this.#streamAt, {
      open: () => this.#opened(),
      hello: (id, hello) => this.#hello(id, hello),
      event: (id, json) => this.#event(id, json),
      keepalive: (id) => this.#frame(id),
      reset: (id, reset) => {
        this.#heard(id);
        this.#intake.reset({ ...reset, cursor: id });
        this.#publish(this.#reason);
      },
      drain: (id, { reconnectMillis }) => {
        this.#frame(id);
        this.#drain(reconnectMillis);
      },
      broken: (returns) => this.#streamBroke(returns),
    });
  }

  #closeStream(): void {
    this.#stream?.close();
    this.#stream = null;
    this.#up = false;
    this.#returningSince = null;
    this.#timers.cancel("hello", "watchdog");
  }

  #opened(): void {
    if (this.#returningSince === null) return;
    // The browser's own attempt has got through, so its wait was the server's `retry`.
    this.#returningSince = null;
    this.#timers.set("hello", HELLO_WITHIN_MILLIS, () =>
      this.#attemptFailed("no hello within 5 s"),
    );
  }

  #hello(id: string, hello: Hello): void {
    if (hello.replay === "incomplete" && this.#streamAt !== this.#intake.cursor) {
      // The browser returned with its own, older id, and that is what is about to be reset. A poll has
      // brought us further since: ask with our cursor.
      this.#open();
      return;
    }
    this.#up = true;
    this.#returningSince = null;
    this.#forgetFailures();
    this.#keepaliveMillis = hello.keepaliveMillis;
    this.#epoch = hello.epoch;
    this.#timers.cancel("hello", "attempt", "drain");
    this.#polls.stop(hello.pollMillis);
    this.#watch(silenceMillis(this.#keepaliveMillis));
    this.#frame(id, false);
    // Its answer was just thrown away.
    if (this.#intake.behind) this.#polls.now();
    this.#publish("the stream is up");
  }

  #event(id: string, json: string): void {
    const prev = this.#heard(id);
    try {
      this.#intake.offer({ prev, events: [decodeEvent(id, json)], cursor: id });
    } catch (error) {
      // One event that nobody can read must not stop those behind it.
      this.#intake.offer({ prev, events: [], cursor: id });
      this.#fault(String(error));
    }
  }

  /** A frame without an event: it carries where the stream stands, and is a proof of life. */
  #frame(id: string, tell = true): void {
    const prev = this.#heard(id);
    this.#intake.offer({ prev, events: [], cursor: id });
    if (tell) this.#publish(this.#reason);
  }

  #heard(id: string): string | null {
    const prev = this.#streamAt;
    this.#streamAt = id;
    this.#lastFrameAt = this.#env.now();
    this.#lastProofAt = this.#lastFrameAt;
    return prev;
  }

  /** Looks at the clock, not only at the timer: timers stand still while a computer sleeps. */
  #watch(millis: number): void {
    this.#timers.set("watchdog", millis, () => {
      const limit = silenceMillis(this.#keepaliveMillis);
      const left = this.#lastFrameAt + limit - this.#env.now();
      // The clock may have been set back.
      if (left > 0) this.#watch(Math.min(left, limit));
      else this.#broke(`the stream was silent for ${limit / 1_000} s`, false);
    });
  }

  #drain(reconnectMillis: number): void {
    this.#draining = true;
    this.#timers.cancel("watchdog");
    this.#timers.set("attempt", reconnectMillis, () => this.#open());
    this.#timers.set("drain", reconnectMillis + HELLO_WITHIN_MILLIS, () => {
      this.#draining = false;
      this.#broke("the server ended the stream and is not back", false);
    });
    this.#publish(`the server ends this stream; a new one in ${reconnectMillis / 1_000} s`);
  }

  #streamBroke(returns: boolean): void {
    if (!this.#up) {
      this.#attemptFailed("the stream could not be opened");
    } else if (this.#draining) {
      this.#closeStream();
    } else {
      this.#broke("the stream broke", returns);
    }
  }

  /** `returns`: the first attempt is the browser's own, because only the browser knows the server's `retry`. */
  #broke(reason: string, returns: boolean): void {
    this.#up = false;
    this.#attempts = 0;
    this.#delays = 0;
    this.#retryMillis = 0;
    if (returns) {
      this.#timers.cancel("watchdog");
      this.#returningSince = this.#env.now();
      this.#delays = 1;
      this.#awaitReturn(OWN_ATTEMPT_MILLIS);
    } else {
      this.#closeStream();
      this.#scheduleAttempt();
    }
    this.#fault(reason);
    this.#polls.now();
    this.#publish(reason);
  }

  #awaitReturn(millis: number): void {
    this.#timers.set("hello", millis, () => {
      const waited = this.#env.now() - (this.#returningSince ?? 0);
      // The server answers polls, so it is not the network that keeps the browser waiting: it is a long `retry`.
      if (this.#polls.succeeded && waited < LONGEST_RETRY_MILLIS)
        this.#awaitReturn(HELLO_WITHIN_MILLIS);
      else this.#attemptFailed("the stream did not come back");
    });
  }

  #attemptFailed(reason: string): void {
    if (this.#returningSince !== null) {
      const waited = this.#env.now() - this.#returningSince;
      this.#retryMillis = Math.min(waited, LONGEST_DELAY_MILLIS);
    }
    this.#closeStream();
    // Until the announced time is over, the drain is expected to look like this.
    if (!this.#draining) this.#attempts += 1;
    this.#fault(reason);
    this.#scheduleAttempt();
    if (!this.#draining && !this.#polls.running) this.#polls.now();
    const gaveWay = this.#attempts === ATTEMPTS_BEFORE_POLLING;
    const polls = this.#polls.succeeded ? "polls succeed" : "polls fail too";
    this.#publish(gaveWay ? `five attempts failed, ${polls}` : reason);
  }

  #scheduleAttempt(): void {
    if (this.#refused || this.#pollingForced) return;
    const { random } = this.#env;
    let delay = PROBE_MILLIS;
    if (this.#draining) delay = reconnectDelay(1, random);
    else if (this.#attempts < ATTEMPTS_BEFORE_POLLING) {
      this.#delays += 1;
      delay = reconnectDelay(this.#delays, random);
    }
    const until = Math.max(delay, this.#retryMillis, this.#notBefore - this.#env.now());
    this.#timers.set("attempt", until, () => this.#open());
  }

  // ---- polling

  #polled(after: string | null, outcome: PollOutcome): void {
    if (outcome.kind === "page") {
      this.#lastProofAt = this.#env.now();
      this.#notBefore = 0;
      this.#refused = false;
      if (!this.#up) this.#epoch = outcome.page.epoch;
      this.#intake.page(after, outcome.page);
      // The server is back: no need to wait for the attempt's turn.
      if (this.#pollsFailed && this.#mayAttempt()) this.#open();
      this.#pollsFailed = false;
    } else {
      this.#pollsFailed = true;
      this.#pollFailed(outcome);
    }
    this.#publish(this.#up ? this.#reason : inWords(outcome));
  }

  #pollFailed(outcome: Exclude<PollOutcome, { kind: "page" }>): void {
    this.#fault(inWords(outcome));
    if (outcome.kind === "unavailable") this.#waitFor(outcome.retryAfter);
    if (outcome.kind === "refused" && !this.#up) {
      this.#refused = true;
      this.#closeStream();
      this.#timers.cancel("attempt");
    }
    // A check that found no network: the stream is dead too, it just has not noticed.
    if (outcome.kind === "unreachable" && this.#up) this.#broke(outcome.message, false);
  }

  #waitFor(retryAfter: number): void {
    this.#notBefore = this.#env.now() + retryAfter;
    // The browser would try again sooner.
    if (this.#returningSince !== null) {
      this.#closeStream();
      this.#timers.set("attempt", retryAfter, () => this.#open());
    }
    const attemptAt = this.#timers.due("attempt") ?? this.#notBefore;
    if (attemptAt < this.#notBefore) this.#timers.set("attempt", retryAfter, () => this.#open());
  }

  #mayAttempt(): boolean {
    const waiting = this.#stream === null || this.#returningSince !== null;
    // A handler may have stopped us meanwhile.
    return this.#running && waiting && !this.#up && !this.#pollingForced && !this.#draining;
  }

  // ---- telling

  #fault(message: string): void {
    this.#error = { at: this.#env.now(), message };
  }

  #publish(reason: string): void {
    if (!this.#running) return;
    this.#reason = reason;
    this.#listener.state(this.state);
  }
}
