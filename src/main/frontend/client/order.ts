import { type Batch, parseEventId, type Range, type SSEEvent, type SSEReset } from "./event.js";

/** What an {@link Order} wants to be done, in this order. */
export interface Ordered {
  /** Events to hand on, and resets, in order. A batch without events only moves the cursor. */
  readonly deliveries: readonly Delivery[];
  /** Events are missing: poll from the cursor and give the page to {@link Order.page}. */
  readonly gap: boolean;
}

export type Delivery =
  | ({ readonly kind: "batch" } & Batch)
  /** `prev` is the cursor that the reset made void. */
  | { readonly kind: "reset"; readonly prev: string | null; readonly reset: SSEReset };

/** As much of a poll's answer as the order depends on. */
export interface Page {
  readonly epoch: string;
  readonly oldest: number;
  readonly reset: { readonly reason: string; readonly missed: number | null } | null;
  readonly events: readonly SSEEvent[];
  readonly skipped?: readonly Range[];
  readonly lastEventId: string;
  readonly more: boolean;
}

/** More than this is not held while a gap is filled; a further poll brings it. */
const MOST_HELD = 1_000;

/**
 * Puts events that arrive by a stream, by polls or from another tab into the log's order, each once.
 *
 * Offsets count without a gap, so a repeat or a gap shows by counting. But offsets compare only within one log: an
 * epoch that has not been seen yet may belong to a log that lost its tail, where the same offset is another event.
 * Only the server can tell, so a poll asks it.
 */
export class Order {
  #cursor: string | null = null;
  #epochs = new Set<string>();
  #behind = false;
  #held: Batch[] = [];
  #deliveries: Delivery[] = [];
  #gap = false;

  /** The id after which the next event is expected. */
  get cursor(): string | null {
    return this.#cursor;
  }

  /** Whether events are missing that a poll has to bring. */
  get behind(): boolean {
    return this.#behind;
  }

  /** Begins at a cursor, or without one. */
  start(cursor: string | null): void {
    this.#epochs.clear();
    this.#cursor = null;
    this.#behind = false;
    this.#held = [];
    if (cursor !== null) this.#moveTo(cursor);
  }

  /** Takes what a stream or another tab gave. */
  offer(batch: Batch): Ordered {
    this.#take(batch);
    return this.#result();
  }

  /**
   * Takes a frame that says that these offsets are not for this subscriber. It has to begin behind the cursor; what it
   * repeats is ignored, and all else is a gap. `prev` is the cursor of the stream before it.
   */
  skip(prev: string | null, id: string, range: Range): Ordered {
    const batch = { prev, events: [], cursor: id, skipped: [range] };
    const before = this.#cursor;
    const here = parseEventId(before);
    const at = parseEventId(id);
    const [from, to] = range;
    if (this.#behind || !here) return this.offer(batch);
    const first = at && at.offset === to && from <= to ? `${at.epoch}-${from}` : "";
    const verdict = parseEventId(first) ? this.#judge(prev, first, []) : "gap";
    if (verdict === "next") {
      this.#moveTo(id);
      this.#deliver(before, [], [range]);
    } else if (verdict === "gap" || to > here.offset) this.#fallBehind(batch);
    return this.#result();
  }

  /** Takes the answer of a poll from `after`. The server has judged the cursor, so the answer is right. */
  page(after: string | null, page: Page): Ordered {
    if (after === this.#cursor) this.#takePage(page);
    // The cursor moved while the poll was under way: the answer is of no use.
    else if (this.#behind) this.#gap = true;
    return this.#result();
  }

  /** Takes a `reset`, which makes what was before void: delivery goes on after the reset's cursor. */
  reset(reset: SSEReset): Ordered {
    this.#takeReset(reset);
    return this.#result();
  }

  /** Asks for a poll from the cursor, whatever has arrived. */
  doubt(): Ordered {
    this.#behind = true;
    this.#gap = true;
    return this.#result();
  }

  #result(): Ordered {
    const result = { deliveries: this.#deliveries, gap: this.#gap };
    this.#deliveries = [];
    this.#gap = false;
    return result;
  }

  #take(batch: Batch): void {
    if (this.#behind) {
      this.#hold(batch);
      return;
    }
    const { skipped = [] } = batch;
    const before = this.#cursor;
    const fresh: SSEEvent[] = [];
    let from = batch.prev;
    for (const [index, event] of batch.events.entries()) {
      const verdict = this.#judge(from, event.id, skipped);
      if (verdict === "gap") {
        this.#deliver(before, fresh, skipped);
        this.#fallBehind({ ...batch, prev: from, events: batch.events.slice(index) });
        return;
      }
      if (verdict === "next") {
        fresh.push(event);
        this.#moveTo(event.id);
      }
      from = event.id;
    }
    const agrees = this.#agreesOn(batch.cursor, from, skipped);
    this.#deliver(before, fresh, skipped);
    if (!agrees) this.#fallBehind({ ...batch, prev: from, events: [] });
  }

  #takePage(page: Page): void {
    const wasBehind = this.#behind;
    const held = this.#held;
    if (page.reset) {
      this.#takeReset({ ...page.reset, cursor: `${page.epoch}-${page.oldest - 1}` });
      // What this log said while the page was under way is newer than the reset; what another log said is void.
      this.#behind = wasBehind;
      this.#held = held.filter(({ cursor }) => parseEventId(cursor)?.epoch === page.epoch);
    }
    const before = this.#cursor;
    for (const event of page.events) this.#moveTo(event.id);
    if (parseEventId(page.lastEventId)) this.#moveTo(page.lastEventId);
    this.#deliver(before, page.events, page.skipped ?? []);
    if (wasBehind && !page.more) this.#takeHeld();
  }

  #takeReset(reset: SSEReset): void {
    const prev = this.#cursor;
    this.start(reset.cursor);
    this.#deliveries.push({ kind: "reset", prev, reset });
  }

  #judge(from: string | null, id: string, skipped: readonly Range[]): "next" | "repeat" | "gap" {
    const at = parseEventId(id);
    const here = parseEventId(this.#cursor);
    if (!at || !here) return "next";
    const follows = at.offset === past(here.offset, skipped) + 1;
    if (from === this.#cursor) return follows ? "next" : "gap";
    if (!this.#epochs.has(at.epoch)) return "gap";
    if (at.offset <= here.offset) return "repeat";
    return follows ? "next" : "gap";
  }

  /** Whether the sender, after its events, stands where we stand or behind. */
  #agreesOn(theirs: string | null, from: string | null, skipped: readonly Range[]): boolean {
    const at = parseEventId(theirs);
    const here = parseEventId(this.#cursor);
    if (!at || theirs === this.#cursor) return true;
    const follows = here && at.offset === past(here.offset, skipped);
    if (!here || (from === this.#cursor && follows)) {
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

  #deliver(prev: string | null, events: readonly SSEEvent[], skipped: readonly Range[]): void {
    if (events.length === 0 && prev === this.#cursor) return;
    const batch = { kind: "batch", prev, events, cursor: this.#cursor } as const;
    this.#deliveries.push(skipped.length === 0 ? batch : { ...batch, skipped });
  }

  #fallBehind(rest: Batch): void {
    this.#behind = true;
    this.#held = [rest];
    this.#gap = true;
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
    for (const batch of held) this.#take(batch);
  }
}

/**
 * The offset that a page from `offset` reaches; null if its events and skipped offsets, each once and in order, leave
 * a hole or overlap.
 */
export function endOf(
  offset: number,
  { events, skipped = [] }: Pick<Page, "events" | "skipped">,
): number | null {
  let end = offset;
  let next = 0;
  for (const { id } of [...events, { id: "" }]) {
    for (let range = skipped[next]; range?.[0] === end + 1; range = skipped[next]) {
      if (range[1] < range[0]) return null;
      [, end] = range;
      next += 1;
    }
    if (id === "") break;
    if (parseEventId(id)?.offset !== end + 1) return null;
    end += 1;
  }
  return next === skipped.length ? end : null;
}

/** The offset up to which nothing visible follows. */
function past(offset: number, skipped: readonly Range[] = []): number {
  let end = offset;
  for (const [from, to] of skipped) if (from <= end + 1 && to > end) end = to;
  return end;
}
