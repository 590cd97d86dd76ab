import type { Environment } from "./environment.js";
import { Timers } from "./timers.js";

const LOOK_EVERY_MILLIS = 1_000;
const QUIET_MILLIS = 2_000;
const PATIENCE_MILLIS = 2_500;

/** A timer that is later than this says that this tab was held up itself, and may have the answer in its queue. */
const HELD_UP_MILLIS = 1_000;

/** A wall clock that gains more than this on the monotonic clock: the computer may have slept. */
const SLEPT_MILLIS = 5_000;

/** What a watch tells its tab. */
export interface WatchListener {
  /** Nothing was heard for 2 s: ask the leader something. */
  ask(): void;
  /** The leader has not answered within 2.5 s. */
  silent(millis: number): void;
  /** The computer may have slept. */
  slept(): void;
}

/**
 * Finds out whether the leader still lives. A frozen or hung leader keeps its lock and its stream, so it is found by
 * what it fails to pass on: a tab that has heard nothing for 2 s asks, and gets no answer.
 */
export class Watch {
  readonly #env: Environment;
  readonly #timers: Timers;
  readonly #listener: WatchListener;
  /** Null while this tab leads, or its own connection is all there is. */
  #heardAt: number | null = null;
  #isAsked = false;
  #aheadMillis = 0;

  constructor(env: Environment, listener: WatchListener) {
    this.#env = env;
    this.#timers = new Timers(env);
    this.#listener = listener;
  }

  /** @param follows whether there is a leader to watch, or only the clocks */
  start(follows: boolean): void {
    this.#timers.clear();
    this.#isAsked = false;
    this.#heardAt = follows ? this.#env.elapsed() : null;
    this.#aheadMillis = this.#ahead();
    this.#look();
  }

  stop(): void {
    this.#timers.clear();
    this.#heardAt = null;
  }

  heard(): void {
    if (this.#heardAt === null) return;
    this.#heardAt = this.#env.elapsed();
    this.#isAsked = false;
    this.#timers.cancel("patience");
  }

  /** Asks without waiting for 2 s of silence. A question that is not answered yet keeps its time. */
  wake(): void {
    if (this.#heardAt !== null && !this.#isAsked) this.#question();
  }

  #look(): void {
    this.#timers.set("look", LOOK_EVERY_MILLIS, () => this.#look());
    const ahead = this.#ahead();
    const gained = ahead - this.#aheadMillis;
    this.#aheadMillis = ahead;
    if (gained > SLEPT_MILLIS) this.#listener.slept();
    if (this.#heardAt === null || this.#isAsked) return;
    if (this.#env.elapsed() - this.#heardAt >= QUIET_MILLIS) this.#question();
  }

  #ahead(): number {
    return this.#env.now() - this.#env.elapsed();
  }

  #question(): void {
    this.#isAsked = true;
    this.#listener.ask();
    // Not all tabs at once: the first to replace the leader spares the others doing it.
    const patience = PATIENCE_MILLIS + this.#env.random() * 300;
    const due = this.#env.elapsed() + patience;
    this.#timers.set("patience", patience, () => {
      this.#isAsked = false;
      const now = this.#env.elapsed();
      if (now - due > HELD_UP_MILLIS) this.#question();
      else this.#listener.silent(now - (this.#heardAt ?? now));
    });
  }
}
