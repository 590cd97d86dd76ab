import type { Batch, SSEEvent, SSEReset } from "./event.js";
import { parseEventId } from "./event-id.js";
import type { PollPage } from "./poll.js";

/** Where an intake hands on what came through it. */
export interface Outlet {
  /** In order, each once. `events` may be empty where only the cursor moved. */
  batch(batch: Batch): void;
  reset(reset: SSEReset): void;
  /** Something is missing: poll from the cursor and hand in the page. */
  gap(): void;
}

/** More than this is not worth holding while a gap is filled; a further poll brings it. */
const MOST_HELD = 1_000;

/**
 * Puts what arrives into the log's order, each event once, whichever way it came.
 *
 * Offsets count without a gap, so a repeat or a gap shows by counting. But offsets compare only within one
 * log: an epoch that has not been seen yet may name a log that lost its tail, where the same offset is
 * another event. Only the server can tell, so it is asked.
 */
export class Intake {
  readonly #outlet: Outlet;
  #cursor: string | null = null;
  #epochs = new Set<string>();
  #behind = false;
  #held: Batch[] = [];

  constructor(outlet: Outlet) {
    this.#outlet = outlet;
  }

  /** The id after which the next event is expected. */
  get cursor(): string | null {
    return this.#cursor;
  }

  /** Whether something is missing that a poll has to bring. */
  get behind(): boolean {
    return this.#behind;
  }

  /** Starts at a cursor, or nowhere. */
  start(cursor: string | null): void {
    this.#epochs.clear();
    this.#cursor = null;
    this.#behind = false;
    this.#held = [];
    if (cursor !== null) this.#moveTo(cursor);
  }

  /** Takes what a stream or a leader gave. */
  offer(batch: Batch): void {
    if (this.#behind) {
      this.#hold(batch);
      return;
    }
    const before = this.#cursor;
    const fresh: SSEEvent[] = [];
    let from = batch.prev;
    for (const [index, event] of batch.events.entries()) {
      const verdict = this.#judge(from, event.id);
      if (verdict === "gap") {
        this.#handOn(before, fresh);
        this.#fallBehind({ ...batch, prev: from, events: batch.events.slice(index) });
        return;
      }
      if (verdict === "next") {
        fresh.push(event);
        this.#moveTo(event.id);
      }
      from = event.id;
    }
    const agreed = this.#agreeOn(batch.cursor, from);
    this.#handOn(before, fresh);
    if (!agreed) this.#fallBehind({ prev: from, events: [], cursor: batch.cursor });
  }

  /** Takes the page that a poll from `after` brought. The server has judged the cursor: it is believed. */
  page(after: string | null, page: PollPage): void {
    if (after !== this.#cursor) {
      // The cursor moved while the poll was under way, so the page answers a question nobody asks any more.
      if (this.#behind) this.#outlet.gap();
      return;
    }
    const wasBehind = this.#behind;
    const held = this.#held;
    if (page.reset) {
      const cursor = `${page.epoch}-${page.oldest - 1}`;
      this.reset({ ...page.reset, cursor });
      // What this log said while the page was under way is newer than the reset; what another said is void.
      this.#behind = wasBehind;
      this.#held = held.filter(({ cursor }) => parseEventId(cursor)?.epoch === page.epoch);
    }
    const before = this.#cursor;
    for (const event of page.events) this.#moveTo(event.id);
    if (parseEventId(page.lastEventId)) this.#moveTo(page.lastEventId);
    this.#handOn(before, page.events);
    if (wasBehind && !page.more) this.#takeHeld();
  }

  /** What was is void: delivery goes on after the reset's cursor. */
  reset(reset: SSEReset): void {
    this.start(reset.cursor);
    this.#outlet.reset(reset);
  }

  #judge(from: string | null, id: string): "next" | "repeat" | "gap" {
    const at = parseEventId(id);
    const here = parseEventId(this.#cursor);
    if (!at || !here) return "next";
    const follows = at.offset === here.offset + 1;
    if (from === this.#cursor) return follows ? "next" : "gap";
    if (!this.#epochs.has(at.epoch)) return "gap";
    if (at.offset <= here.offset) return "repeat";
    return follows ? "next" : "gap";
  }

  /** Whether the giver, after its events, stands where we stand (or behind). */
  #agreeOn(theirs: string | null, from: string | null): boolean {
    const at = parseEventId(theirs);
    const here = parseEventId(this.#cursor);
    if (!at || theirs === this.#cursor) return true;
    if (!here || (from === this.#cursor && at.offset === here.offset)) {
      this.#moveTo(theirs);
      return true;
    }
    return this.#epochs.has(at.epoch) && at.offset <= here.offset;
  }

  #moveTo(id: string | null): void {
    this.#cursor = id;
    const at = parseEventId(id);
    if (at) this.#epochs.add(at.epoch);
  }

  #handOn(prev: string | null, events: readonly SSEEvent[]): void {
    if (events.length === 0 && prev === this.#cursor) return;
    this.#outlet.batch({ prev, events, cursor: this.#cursor });
  }

  #fallBehind(rest: Batch): void {
    this.#behind = true;
    this.#held = [rest];
    this.#outlet.gap();
  }

  #hold(batch: Batch): void {
    this.#held.push(batch);
    if (this.#held.length > MOST_HELD) this.#held.splice(0, MOST_HELD / 2);
  }

  #takeHeld(): void {
    const held = this.#held;
    const here = parseEventId(this.#cursor);
    // The server has just said that our cursor is good and newest, so whatever it counted before is a repeat.
    for (const { prev, events, cursor } of held) {
      for (const id of [prev, cursor, ...events.map((event) => event.id)]) {
        const at = parseEventId(id);
        if (at && here && at.offset <= here.offset) this.#epochs.add(at.epoch);
      }
    }
    this.#behind = false;
    this.#held = [];
    for (const batch of held) this.offer(batch);
  }
}
