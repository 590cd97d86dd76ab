import { parseEventId, type Range, type SSEEvent, type SSEReset } from "../event.js";
import type { Auth } from "../identity.js";

/** Whether somebody may see the event. */
export type Sight = (event: SSEEvent) => boolean;

const ALL: Sight = () => true;

/** An event log as the server keeps it: offsets without a gap, an epoch for every opening. */
export class FakeLog {
  #events: SSEEvent[] = [];
  #newest = 0;
  #epochs: { epoch: string; first: number }[] = [];

  constructor() {
    this.reopen();
  }

  get epoch(): string {
    return this.#epochs.at(-1)?.epoch ?? "";
  }

  get oldest(): number {
    return this.#newest - this.#events.length + 1;
  }

  get newest(): number {
    return this.#newest;
  }

  get newestId(): string {
    return `${this.epoch}-${this.#newest}`;
  }

  /** What a node still knows that cannot reach the log any more. */
  copy(): FakeLog {
    const copy = new FakeLog();
    copy.#events = [...this.#events];
    copy.#newest = this.#newest;
    copy.#epochs = [...this.#epochs];
    return copy;
  }

  append(type: string, data: unknown, timestamp: string): SSEEvent {
    this.#newest += 1;
    const event = { id: this.newestId, type, data, timestamp } as SSEEvent;
    this.#events.push(event);
    return event;
  }

  /** What a restart does. */
  reopen(): void {
    const number = 0xa0000000 + this.#epochs.length * 0x01234567 + this.#newest;
    const epoch = (number >>> 0).toString(16).padStart(8, "0").slice(-8);
    this.#epochs.push({ epoch, first: this.#newest + 1 });
  }

  /** What a crash of a machine, or a restored backup, does. */
  loseTail(count: number): void {
    this.#events = this.#events.slice(0, -count);
    this.#newest -= count;
    this.#epochs = this.#epochs.filter(({ first }) => first <= this.#newest + 1);
    this.reopen();
  }

  /** Another log altogether. */
  loseAll(): void {
    this.#events = [];
    this.#newest = 0;
    this.#epochs = this.#epochs.map(({ epoch }) => ({ epoch: `f${epoch.slice(1)}`, first: -1 }));
    this.reopen();
  }

  trimTo(count: number): void {
    this.#events = this.#events.slice(-count);
  }

  /** Why a cursor is not good; null if it is. */
  fault(cursor: string): SSEReset | null {
    const at = parseEventId(cursor);
    const cursorAfter = `${this.epoch}-${this.oldest - 1}`;
    const reset = (reason: string, missed: number | null) => ({
      reason,
      missed,
      cursor: cursorAfter,
    });
    const index = this.#epochs.findIndex(({ epoch, first }) => epoch === at?.epoch && first > 0);
    if (!at || index < 0) return reset("unknown_epoch", null);
    const last = (this.#epochs[index + 1]?.first ?? this.#newest + 1) - 1;
    if (at.offset > last) return reset("ahead", null);
    if (at.offset < this.oldest - 1) return reset("trimmed", this.oldest - 1 - at.offset);
    return null;
  }

  after(offset: number, limit = Number.POSITIVE_INFINITY): readonly SSEEvent[] {
    const from = Math.max(0, offset - this.oldest + 1);
    return this.#events.slice(from, from + limit);
  }

  /** What somebody sees of the events after an offset: runs of hidden offsets, and the others. */
  seen(offset: number, sees: Sight, limit = Number.POSITIVE_INFINITY) {
    const events: SSEEvent[] = [];
    const skipped: Range[] = [];
    let hidden: [number, number] | null = null;
    for (const event of this.after(offset, limit)) {
      const at = parseEventId(event.id)?.offset ?? 0;
      if (sees(event)) {
        events.push(event);
        hidden = null;
      } else if (hidden) hidden[1] = at;
      else {
        hidden = [at, at];
        skipped.push(hidden);
      }
    }
    return { events, skipped };
  }

  /** `GET /api/sse/poll`. */
  poll(after: string | null, limit = 500, sees: Sight = ALL) {
    const head = { epoch: this.epoch, oldest: this.oldest, newest: this.newest, pollMillis: 5000 };
    if (after === null) {
      const lastEventId = this.newestId;
      return { ...head, replay: "none", reset: null, events: [], lastEventId, more: false };
    }
    const fault = this.fault(after);
    const from = parseEventId(fault?.cursor ?? after)?.offset ?? 0;
    const all = this.after(from, limit);
    const { events, skipped } = this.seen(from, sees, limit);
    const lastEventId = all.at(-1)?.id ?? fault?.cursor ?? after;
    const more = from + all.length < this.newest;
    const reset = fault && { reason: fault.reason, missed: fault.missed };
    const replay = fault ? "incomplete" : "complete";
    const page = { ...head, replay, reset, events, lastEventId, more };
    return skipped.length === 0 ? page : { ...page, skipped };
  }

  /** The frames with which a stream begins, as `[name, id, data]`; an application event has no name. */
  beginning(
    lastEventId: string | null,
    keepaliveMillis: number,
    auth?: Auth | null,
    sees: Sight = ALL,
  ): Frame[] {
    const fault = lastEventId === null ? null : this.fault(lastEventId);
    const replay = lastEventId === null ? "none" : fault ? "incomplete" : "complete";
    const { epoch, oldest, newest } = this;
    const said = { epoch, oldest, newest, replay, keepaliveMillis, pollMillis: 5000 };
    const hello = auth === undefined ? said : { ...said, auth };
    const at = lastEventId === null ? this.newestId : lastEventId;
    const frames: Frame[] = [
      ["hello", parseEventId(at) ? at : "00000000-0", JSON.stringify(hello)],
    ];
    if (fault) {
      const { reason, missed, cursor } = fault;
      frames.push(["reset", cursor, JSON.stringify({ reason, missed })]);
    }
    if (lastEventId === null) return frames;
    const from = parseEventId(fault?.cursor ?? lastEventId)?.offset ?? 0;
    return [...frames, ...this.framesAfter(from, sees)];
  }

  /** Events, each behind a `skip` if others before it are hidden; hidden ones at the end wait for the next frame. */
  framesAfter(offset: number, sees: Sight): Frame[] {
    let at = offset;
    return this.after(offset)
      .filter(sees)
      .flatMap((event) => {
        const before = at;
        at = parseEventId(event.id)?.offset ?? 0;
        return [...this.skip(before, at - 1, sees), frameOf(event)];
      });
  }

  /** The `skip` after an offset, as far as events up to `to` are hidden. */
  skip(offset: number, to: number, sees: Sight): Frame[] {
    const run = this.after(offset, Math.max(0, to - offset));
    const end = run.findIndex(sees);
    const last = run.at(end < 0 ? -1 : end - 1);
    if (!last || end === 0) return [];
    const range = { from: offset + 1, to: parseEventId(last.id)?.offset };
    return [["skip", last.id, JSON.stringify(range)]];
  }
}

export type Frame = readonly [name: string, id: string, data: string];

export function frameOf({ id, type, data, timestamp }: SSEEvent): Frame {
  return ["message", id, JSON.stringify({ type, data, timestamp })];
}
