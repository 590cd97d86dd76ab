import type { Environment } from "./environment.js";
import type { Batch, SSEEvent, SSEReset } from "./event.js";
import { Intake } from "./intake.js";
import type { FromLeader } from "./messages.js";
import { inWords, type Line, poll } from "./poll.js";
import { Recent } from "./recent.js";
import { Timers } from "./timers.js";

/** What a tab hands to its application. */
export interface TabOutlet {
  event(event: SSEEvent): void;
  reset(reset: SSEReset): void;
  /** Whether events are known to be missing. */
  catchingUp(behind: boolean): void;
  proof(at: number): void;
  error(message: string): void;
}

const ASK_AGAIN_MILLIS = 2_000;
const PAUSE_MILLIS = 200;

/** One tab's own place in the log: whoever leads, each tab hears every event from its own cursor on, once. */
export class Tab {
  readonly #env: Environment;
  readonly #line: Line;
  readonly #outlet: TabOutlet;
  readonly #timers: Timers;
  readonly #intake: Intake;
  readonly #recent = new Recent();
  #poll: AbortController | null = null;
  #askedAt = 0;

  constructor(env: Environment, line: Line, outlet: TabOutlet) {
    this.#env = env;
    this.#line = line;
    this.#outlet = outlet;
    this.#timers = new Timers(env);
    this.#intake = new Intake({
      batch: (batch) => this.#deliver(batch),
      reset: (reset) => {
        this.#recent.clear();
        outlet.reset(reset);
      },
      gap: () => {
        // Whoever is told contradictory things must not ask without end.
        if (!this.#poll) this.#timers.set("catch-up", this.#pause(), () => this.#catchUp());
      },
    });
  }

  get cursor(): string | null {
    return this.#intake.cursor;
  }

  recent(): readonly SSEEvent[] {
    return this.#recent.all();
  }

  start(cursor: string | null): void {
    this.#intake.start(cursor);
  }

  stop(): void {
    this.#poll?.abort();
    this.#poll = null;
    this.#timers.clear();
    // What is missing is asked for again from the cursor when we come back.
    this.#intake.start(this.#intake.cursor);
  }

  receive(message: FromLeader): void {
    if (message.kind === "batch") this.#intake.offer(message.batch);
    else if (message.kind === "reset") this.#intake.reset(message.reset);
    else if (message.kind === "state") this.#comeTo(message.state.cursor);
    else if (message.kind === "welcome") this.#welcome(message.recent, message.state.cursor);
    this.#outlet.catchingUp(this.#intake.behind);
  }

  /** A tab that has no place yet begins where the leader stands, and keeps what was before for those who ask. */
  #welcome(recent: readonly SSEEvent[], cursor: string | null): void {
    if (this.#recent.all().length === 0) this.#recent.add(recent);
    const events = this.#intake.cursor === null ? [] : recent;
    this.#intake.offer({ prev: null, events, cursor });
  }

  #comeTo(cursor: string | null): void {
    if (cursor !== null) this.#intake.offer({ prev: null, events: [], cursor });
  }

  #deliver({ events }: Batch): void {
    const kept = this.#recent.all();
    this.#recent.add(events.filter((event) => !kept.some(({ id }) => id === event.id)));
    for (const event of events) this.#outlet.event(event);
  }

  #pause(): number {
    return Math.max(0, this.#askedAt + PAUSE_MILLIS - this.#env.now());
  }

  #catchUp(): void {
    if (this.#poll) return;
    this.#timers.cancel("catch-up");
    this.#askedAt = this.#env.now();
    const asked = new AbortController();
    this.#poll = asked;
    const after = this.#intake.cursor;
    void poll(this.#env, this.#line, after, asked.signal).then((outcome) => {
      if (this.#poll !== asked) return;
      this.#poll = null;
      if (outcome.kind === "page") {
        this.#outlet.proof(this.#env.now());
        this.#intake.page(after, outcome.page);
        if (outcome.page.more) this.#catchUp();
      } else {
        this.#outlet.error(`catching up failed: ${inWords(outcome)}`);
      }
      const floor = outcome.kind === "unavailable" ? outcome.retryAfter : 0;
      this.#outlet.catchingUp(this.#intake.behind);
      if (this.#intake.behind && !this.#poll && this.#timers.due("catch-up") === null) {
        const pause = Math.max(ASK_AGAIN_MILLIS, floor);
        this.#timers.set("catch-up", pause, () => this.#catchUp());
      }
    });
  }
}
