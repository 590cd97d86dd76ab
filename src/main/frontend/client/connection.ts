import type { Endpoint } from "./endpoint.js";
import type { Environment } from "./environment.js";
import { type Batch, decodeEvent, parseEventId, type SSEReset } from "./event.js";
import { type Auth, changeOf, type Identity, identityOf } from "./identity.js";
import {
  attemptsOf,
  type Effect,
  type Input,
  isUp,
  type Phase,
  pollsBeside,
  refusalOf,
  STOPPED,
  statusOf,
  step,
} from "./machine.js";
import { Order, type Ordered } from "./order.js";
import {
  type ConnectionStatus,
  DEFAULT_KEEPALIVE_MILLIS,
  HELLO_WITHIN_MILLIS,
  LONGEST_WAIT_MILLIS,
  moveDelay,
  type Refusal,
  renewalDelay,
  signInDelay,
  silenceMillis,
} from "./policy.js";
import { PollLoop, type PollOutcome } from "./poll.js";
import { type Hello, type LogStatus, openStream } from "./stream.js";
import { Timers } from "./timers.js";

/** Something that went wrong, and when (milliseconds since 1970). */
export interface ConnectionError {
  readonly at: number;
  readonly message: string;
}

/** What there is to know about the one connection of this browser; every tab is told. */
export interface SharedState {
  readonly status: ConnectionStatus;
  /** Why the status is what it is, in plain words. */
  readonly reason: string;
  /** Attempts that failed since the stream was last up. */
  readonly attempts: number;
  /** When the next attempt is due (milliseconds since 1970); null while one is under way or none is needed. */
  readonly nextAttemptAt: number | null;
  readonly refusal: Refusal | null;
  /** Who is signed in; null if the server knows nobody, undefined until it has said so. */
  readonly identity: Identity | null | undefined;
  /** The last id that the connection has seen. */
  readonly cursor: string | null;
  /** The offset of the newest event, as the server last named it. */
  readonly newest: number;
  /** Events are missing, and polls have not brought them yet. */
  readonly gap: boolean;
  /** The epoch of the log as the server last named it. A new one: the server was restarted. */
  readonly epoch: string | null;
  /** How long ago the server was last heard: a frame or a poll that succeeded. */
  readonly heardMillis: number | null;
  readonly keepaliveMillis: number;
  readonly pollingForced: boolean;
  readonly log: LogStatus["log"];
  /** For how long events have been held back. */
  readonly logMillis: number;
  readonly error: ConnectionError | null;
}

/** Is told what the connection does. */
export interface ConnectionListener {
  batch(batch: Batch): void;
  /** `prev` is the cursor that the reset made void. */
  reset(reset: SSEReset, prev: string | null): void;
  state(state: SharedState): void;
  /** Somebody else is signed in, or may see something else: what was before is no longer for anybody. */
  forget(): void;
}

/** What a connection takes over from the one that another tab had. */
export type Predecessor = Pick<SharedState, "attempts" | "pollingForced" | "identity">;

/** A stream that was opened. */
interface OpenStream {
  /** The id of its last frame. */
  at: string | null;
  close(): void;
}

/** A proof that is younger than this needs no check. */
const FRESH_MILLIS = 1_000;

/** A `status` that belongs to a `hello` comes with it: after this time there is none. */
const STATUS_WITHIN_MILLIS = 1_000;

const NEVER = Number.POSITIVE_INFINITY;

/** The one connection: does what {@link step} decides, with the stream, the polls and the timer. It never gives up. */
export class Connection {
  readonly #env: Environment;
  readonly #endpoint: Endpoint;
  readonly #listener: ConnectionListener;
  readonly #timers: Timers;
  readonly #order = new Order();
  readonly #polls: PollLoop;
  #phase: Phase = STOPPED;
  #stream: OpenStream | null = null;
  /** Takes the place of the stream when it has said `hello`. */
  #next: OpenStream | null = null;
  /** When to open the next stream because the identity expires, on the clock of `elapsed()`. */
  #renewAt = NEVER;
  /** When to open it because this node is cut off from the log: the balancer may give it to another. */
  #moveAt = NEVER;
  #hasMoved = false;
  #identity: Identity | null | undefined;
  #frameAt = Number.NEGATIVE_INFINITY;
  #heardAt: number | null = null;
  #behindSince: number | null = null;
  #pollsFailed = false;
  /** The computer may have slept: polls run until the stream proves that it lives. */
  #isDoubted = false;
  #keepaliveMillis = DEFAULT_KEEPALIVE_MILLIS;
  #epoch: string | null = null;
  #newest = 0;
  #log: LogStatus & { readonly at: number } = { log: "ok", sinceMillis: 0, at: 0 };
  #reason = "starting";
  #error: ConnectionError | null = null;

  constructor(env: Environment, endpoint: Endpoint, listener: ConnectionListener) {
    this.#env = env;
    this.#endpoint = endpoint;
    this.#listener = listener;
    this.#timers = new Timers(env);
    this.#polls = new PollLoop(env, endpoint, {
      cursor: () => this.#order.cursor,
      wanted: () => this.#needsPolls(),
      polled: (after, outcome, askedAt) => this.#polled(after, outcome, askedAt),
    });
  }

  get state(): SharedState {
    const now = this.#env.elapsed();
    const isTrying = this.#phase.name === "waiting" || this.#phase.name === "refused";
    const left = isTrying ? this.#timers.left("phase") : null;
    const { log, sinceMillis, at } = this.#log;
    return {
      status: statusOf(this.#phase, this.#polls.succeeded),
      reason: this.#reason,
      attempts: attemptsOf(this.#phase),
      nextAttemptAt: left === null ? null : this.#env.now() + left,
      refusal: refusalOf(this.#phase),
      identity: this.#identity,
      cursor: this.#order.cursor,
      newest: this.#newest,
      gap: this.#order.behind || this.#isDoubted,
      epoch: this.#epoch,
      heardMillis: this.#heardAt === null ? null : now - this.#heardAt,
      keepaliveMillis: this.#keepaliveMillis,
      pollingForced: this.#phase.name === "waiting" && this.#phase.forced,
      log,
      logMillis: log === "ok" ? 0 : sinceMillis + now - at,
      error: this.#error,
    };
  }

  /** @param before what is known of the connection that this one replaces */
  start(cursor: string | null, before: Predecessor): void {
    this.#order.start(cursor);
    this.#identity = before.identity;
    this.#input({ kind: "start", attempts: before.attempts, forced: before.pollingForced });
  }

  /** Leaves no stream, request or timer behind. */
  stop(): void {
    this.#input({ kind: "stop" });
    this.#timers.clear();
    this.#polls.stop();
  }

  /**
   * The page, the network or another tab says: look now.
   *
   * @param slept the computer may have slept, so that the stream may be dead without any sign
   */
  wake(slept: boolean): void {
    this.runDue();
    if (slept && isUp(this.#phase)) this.#isDoubted = true;
    const heardAt = this.#heardAt ?? Number.NEGATIVE_INFINITY;
    const fresh = !slept && this.#env.elapsed() - heardAt < FRESH_MILLIS;
    this.#input({ kind: "wake", fresh });
  }

  /** Runs the timers that are due: those of a hidden tab hardly run by themselves. */
  runDue(): void {
    this.#timers.runDue();
    this.#polls.runDue();
  }

  reconnect(): void {
    this.#input({ kind: "reconnect" });
  }

  /** Polls only, or goes back to the stream. */
  forcePolling(on: boolean): void {
    this.#input({ kind: "force", on });
  }

  // ---- the machine

  #input(input: Input): void {
    const { phase, effects } = step(this.#phase, input, {
      now: this.#env.elapsed(),
      random: this.#env.random,
    });
    this.#phase = phase;
    for (const effect of effects) this.#perform(effect);
    if (!this.#needsPolls()) {
      if (input.kind === "hello") this.#polls.stop();
    } else if (!this.#polls.running) this.#polls.now();
  }

  #needsPolls(): boolean {
    if (this.#phase.name === "stopped") return false;
    return pollsBeside(this.#phase) || this.#order.behind || this.#isDoubted;
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case "open":
        this.#stream = this.#open();
        break;
      case "close":
        this.#closeNext();
        this.#stream?.close();
        this.#stream = null;
        break;
      case "openNext":
        this.#next = this.#open();
        this.#timers.set("next", HELLO_WITHIN_MILLIS, () => this.#input({ kind: "nextBroke" }));
        break;
      case "closeNext":
        this.#closeNext();
        break;
      case "takeNext":
        this.#timers.cancel("next");
        this.#stream?.close();
        this.#stream = this.#next;
        this.#next = null;
        break;
      case "renewLater": {
        const at = this.#env.elapsed() + signInDelay(1, this.#env.random);
        this.#renewAndMove(Math.max(this.#renewAt, at), Math.max(this.#moveAt, at));
        break;
      }
      case "timer":
        this.#setTimer(effect.millis);
        break;
      case "delay":
        this.#setTimer(Math.max(effect.millis, this.#timers.left("phase") ?? 0));
        break;
      case "poll":
        this.#polls.now();
        break;
      case "forgetPolls":
        this.#polls.forget();
        this.#pollsFailed = false;
        break;
      case "say":
        if (effect.isFault) this.#fault(effect.reason);
        this.#publish(effect.reason);
    }
  }

  #setTimer(millis: number | null): void {
    this.#timers.cancel("phase");
    if (millis === null) return;
    this.#timers.set("phase", millis, () =>
      this.#input({ kind: "due", silentMillis: this.#env.elapsed() - this.#frameAt }),
    );
  }

  // ---- the stream

  #open(): OpenStream {
    const stream: OpenStream = { at: this.#order.cursor, close: () => {} };
    stream.close = openStream(this.#env, this.#endpoint, stream.at, {
      open: () => this.#input({ kind: "opened" }),
      hello: (id, hello) => this.#hello(stream, id, hello),
      event: (id, json) => this.#event(stream, id, json),
      keepalive: (id, { newest }) => {
        if (Number.isFinite(newest)) this.#newest = newest;
        this.#frame(stream, id);
      },
      skip: (id, range) => {
        this.#hand(this.#order.skip(this.#heard(stream, id), id, range));
        this.#publish(this.#reason);
      },
      status: (id, status) => {
        this.#takeLog(status);
        this.#frame(stream, id);
      },
      reset: (id, reset) => {
        this.#heard(stream, id);
        this.#hand(this.#order.reset({ ...reset, cursor: id }));
        this.#publish(this.#reason);
      },
      drain: (id, { reason, reconnectMillis }) => {
        this.#frame(stream, id);
        this.#input({ kind: "drain", reason, reconnectMillis });
      },
      broken: (returns) =>
        this.#input(stream === this.#next ? { kind: "nextBroke" } : { kind: "broke", returns }),
    });
    return stream;
  }

  #closeNext(): void {
    this.#timers.cancel("next");
    this.#next?.close();
    this.#next = null;
  }

  /** Sets both times; the sooner one counts. */
  #renewAndMove(renewAt: number, moveAt: number): void {
    this.#renewAt = renewAt;
    this.#moveAt = moveAt;
    const millis = Math.min(renewAt, moveAt) - this.#env.elapsed();
    if (millis === NEVER) this.#timers.cancel("renew");
    else this.#timers.set("renew", millis, () => this.#input({ kind: "renew" }));
  }

  /** Compares who is signed in with who was. */
  #identify(auth: Auth | null | undefined): void {
    const before = this.#identity;
    this.#identity = identityOf(auth);
    if (!changeOf(before, this.#identity)) return;
    // What a poll is about to bring was for whoever was there before.
    this.#polls.stop();
    this.#listener.forget();
    // The tabs have to know it before they get an event.
    this.#publish(this.#reason);
  }

  #hello(stream: OpenStream, id: string, hello: Hello): void {
    if (hello.replay === "incomplete" && stream.at !== this.#order.cursor) {
      // The browser returned with its own, older id, and that is about to be reset. A poll has brought us further.
      this.#input({ kind: "reopen" });
      return;
    }
    this.#keepaliveMillis = hello.keepaliveMillis;
    this.#epoch = hello.epoch;
    this.#newest = hello.newest;
    this.#polls.pollMillis = hello.pollMillis;
    if (this.#log.log !== "ok") {
      // This stream's node may hold events back, too. Until it has had the time to say so, nobody is told that all is well.
      this.#timers.set("log", STATUS_WITHIN_MILLIS, () => {
        this.#takeLog({ log: "ok", sinceMillis: 0 });
        this.#publish(this.#reason);
      });
    }
    const prev = this.#heard(stream, id);
    this.#identify(hello.auth);
    this.#hand(this.#order.offer({ prev, events: [], cursor: id }));
    this.#pollsFailed = false;
    this.#input({ kind: "hello", silenceMillis: silenceMillis(hello.keepaliveMillis) });
    const expires = hello.auth?.expiresInMillis ?? null;
    if (!isUp(this.#phase)) return;
    const delay = expires === null ? NEVER : renewalDelay(expires, this.#env.random);
    this.#renewAndMove(this.#env.elapsed() + delay, NEVER);
  }

  #event(stream: OpenStream, id: string, json: string): void {
    const prev = this.#heard(stream, id);
    let events: Batch["events"] = [];
    let skipped: Batch["skipped"];
    try {
      events = [decodeEvent(id, json)];
    } catch (error) {
      // One event that cannot be read must not stop those behind it.
      const offset = parseEventId(id)?.offset ?? 0;
      skipped = [[offset, offset]];
      this.#fault(String(error));
    }
    this.#hand(this.#order.offer({ prev, events, cursor: id, ...(skipped && { skipped }) }));
  }

  /** A frame without an event: it says where the stream stands, and is a proof of life. */
  #frame(stream: OpenStream, id: string): void {
    const prev = this.#heard(stream, id);
    this.#hand(this.#order.offer({ prev, events: [], cursor: id }));
    this.#publish(this.#reason);
  }

  #heard(stream: OpenStream, id: string): string | null {
    const prev = stream.at;
    stream.at = id;
    this.#frameAt = this.#env.elapsed();
    this.#heardAt = this.#frameAt;
    this.#isDoubted = false;
    return prev;
  }

  #takeLog(status: LogStatus): void {
    const now = this.#env.elapsed();
    this.#timers.cancel("log");
    this.#log = { ...status, at: now };
    if (status.log !== "stale") {
      this.#hasMoved = false;
      if (this.#moveAt !== NEVER) this.#renewAndMove(this.#renewAt, NEVER);
    } else if (isUp(this.#phase) && this.#moveAt === NEVER) {
      this.#renewAndMove(this.#renewAt, now + moveDelay(this.#hasMoved, this.#env.random));
      this.#hasMoved = true;
    }
  }

  #hand({ deliveries, gap }: Ordered): void {
    for (const delivery of deliveries) {
      if (this.#phase.name === "stopped") return;
      if (delivery.kind === "reset") this.#listener.reset(delivery.reset, delivery.prev);
      else this.#listener.batch(delivery);
    }
    // The handler of the last one may have ended it, too.
    if (this.#phase.name === "stopped") return;
    if (!this.#order.behind) this.#behindSince = null;
    else this.#behindSince ??= this.#env.elapsed();
    if (gap) {
      this.#polls.soon();
      this.#publish(this.#reason);
    }
  }

  // ---- polls

  #polled(after: string | null, outcome: PollOutcome, askedAt: number): void {
    if (outcome.kind === "page") {
      const { page } = outcome;
      this.#heardAt = this.#env.elapsed();
      // Any node may have answered; what the stream brings depends on the stream's.
      if (page.status && !isUp(this.#phase)) this.#takeLog(page.status);
      this.#newest = page.newest;
      if (!isUp(this.#phase)) this.#epoch = page.epoch;
      if (page.auth !== undefined) this.#identify(page.auth);
      this.#hand(this.#order.page(after, page));
      const recovered = this.#pollsFailed;
      this.#pollsFailed = false;
      this.#input({ kind: "pollOk", recovered });
    } else {
      this.#pollsFailed = true;
      if (outcome.kind === "refused") this.#input({ ...outcome, kind: "pollRefused" });
      else {
        const streamIsDead = outcome.unreachable && this.#frameAt < askedAt;
        this.#input({ kind: "pollFailed", retryAfter: outcome.retryAfter, streamIsDead });
      }
      this.#fault(outcome.message);
      this.#bridge();
    }
    const said = outcome.kind === "page" ? "polls succeed" : outcome.message;
    const streams = isUp(this.#phase) || this.#phase.name === "draining";
    this.#publish(streams ? this.#reason : said);
  }

  /** Polls have not filled a gap for a minute: a new stream from our cursor fills it, too. */
  #bridge(): void {
    const since = this.#behindSince;
    if (!isUp(this.#phase) || since === null) return;
    if (this.#env.elapsed() - since <= LONGEST_WAIT_MILLIS) return;
    this.#behindSince = null;
    this.#order.start(this.#order.cursor);
    this.#input({ kind: "reopen" });
  }

  // ---- telling

  #fault(message: string): void {
    this.#error = { at: this.#env.now(), message };
  }

  #publish(reason: string): void {
    if (this.#phase.name === "stopped") return;
    this.#reason = reason;
    this.#listener.state(this.state);
  }
}
