import type { Environment } from "./environment.js";
import { DEFAULT_POLL_MILLIS, pollDelay } from "./policy.js";
import { type Line, type PollOutcome, poll } from "./poll.js";
import { Timers } from "./timers.js";

/** What a loop needs of whoever polls. */
export interface PollOwner {
  /** Where to ask from. */
  cursor(): string | null;
  /** Whether there is a reason to go on after this answer. */
  stillNeeded(): boolean;
  polled(after: string | null, outcome: PollOutcome): void;
}

const GAP_PAUSE_MILLIS = 200;

/** Asks again and again, at the server's pace while it answers and slower while it does not, one question at a time. */
export class PollLoop {
  readonly #env: Environment;
  readonly #line: Line;
  readonly #owner: PollOwner;
  readonly #timers: Timers;
  #asked: AbortController | null = null;
  #succeeded: boolean | null = null;
  #failures = 0;
  #gapFilledAt = 0;
  #pollMillis = DEFAULT_POLL_MILLIS;

  constructor(env: Environment, line: Line, owner: PollOwner) {
    this.#env = env;
    this.#line = line;
    this.#owner = owner;
    this.#timers = new Timers(env);
  }

  /** How the last poll ended; null before the first. */
  get succeeded(): boolean | null {
    return this.#succeeded;
  }

  get running(): boolean {
    return this.#asked !== null || this.#timers.due("poll") !== null;
  }

  now(): void {
    if (this.#asked) return;
    this.#timers.cancel("poll");
    const asked = new AbortController();
    this.#asked = asked;
    const after = this.#owner.cursor();
    void poll(this.#env, this.#line, after, asked.signal).then((outcome) => {
      if (this.#asked !== asked) return;
      this.#asked = null;
      this.#answered(after, outcome);
    });
  }

  /** At once, but two servers that contradict each other must not make us ask without end. */
  fillGap(): void {
    const now = this.#env.now();
    const pause = Math.max(0, this.#gapFilledAt + GAP_PAUSE_MILLIS - now);
    this.#gapFilledAt = now + pause;
    this.#timers.set("poll", pause, () => this.now());
  }

  /** The stream is there: what is being asked is of no interest any more. */
  stop(pollMillis = this.#pollMillis): void {
    this.#asked?.abort();
    this.#asked = null;
    this.#failures = 0;
    this.#pollMillis = pollMillis;
    this.#timers.clear();
  }

  /** As if nothing had been asked yet. */
  forget(): void {
    this.#succeeded = null;
  }

  runDue(): void {
    this.#timers.runDue();
  }

  #answered(after: string | null, outcome: PollOutcome): void {
    this.#succeeded = outcome.kind === "page";
    this.#failures = this.#succeeded ? 0 : this.#failures + 1;
    if (outcome.kind === "page") this.#pollMillis = outcome.page.pollMillis;
    this.#owner.polled(after, outcome);
    if (this.#owner.stillNeeded()) this.#again(this.#pause(outcome));
  }

  #pause(outcome: PollOutcome): number {
    if (outcome.kind === "page" && outcome.page.more) return 0;
    const floor = outcome.kind === "unavailable" ? outcome.retryAfter : 0;
    return Math.max(floor, pollDelay(this.#pollMillis, this.#failures, this.#env.random));
  }

  #again(millis: number): void {
    const sooner = (this.#timers.due("poll") ?? Number.POSITIVE_INFINITY) - this.#env.now();
    if (!this.#asked && sooner > millis) this.#timers.set("poll", millis, () => this.now());
  }
}
