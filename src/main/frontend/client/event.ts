/** Event types and their data for an application that has not said what it uses. */
export type AnyEvents = Readonly<Record<string, unknown>>;

/** One event as the application gets it. */
export interface SSEEvent<T extends string = string, D = unknown> {
  /** Its position in the event log, `epoch-offset`. */
  readonly id: string;
  readonly type: T;
  /** What the module wrote. The declared type is what the application expects; nothing checks it. */
  readonly data: D;
  /** When it was made, ISO 8601 in UTC. The order is that of the ids, not of this. */
  readonly timestamp: string;
}

/** What a handler may be registered for: a type of the application's events, or `*` for all of them. */
export type EventType<Events extends object> = (keyof Events & string) | "*";

/** The event that a handler for a type gets. For `*` it is a union that narrows on `type`. */
export type EventOf<Events extends object, T extends EventType<Events> = "*"> = {
  [K in keyof Events & string]: SSEEvent<K, Events[K]>;
}[T extends "*" ? keyof Events & string : T & keyof Events & string];

/** What is on the screen must be fetched again: events were lost for good, or somebody else is signed in. */
export interface SSEReset {
  /**
   * From the server: `unknown_epoch`, `trimmed`, `ahead` or `lost`. From the client: `user` if another user is signed in
   * than before, or nobody; `rights` if the same user may see something else than before.
   */
  readonly reason: string;
  /** How many events are gone, where the server can tell. */
  readonly missed: number | null;
  /** The id after which delivery goes on. */
  readonly cursor: string;
}

/** Offsets from one to another, both included. */
export type Range = readonly [from: number, to: number];

/** Consecutive events, and the cursor of their sender before and after them. */
export interface Batch {
  readonly prev: string | null;
  readonly events: readonly SSEEvent[];
  readonly cursor: string | null;
  /** Offsets that this subscriber may not see. */
  readonly skipped?: readonly Range[];
}

/** A position in the event log. The offset counts without a gap, whatever the epoch. */
export interface EventId {
  readonly epoch: string;
  readonly offset: number;
}

const SHAPE = /^([0-9a-f]{8})-(\d{1,16})$/;

/** Reads an event id; null if it is none. `00000000-0`, the server's answer to a cursor that it cannot echo, is none. */
export function parseEventId(text: string | null | undefined): EventId | null {
  const [, epoch, digits] = SHAPE.exec(text ?? "") ?? [];
  if (epoch === undefined || digits === undefined || epoch === "00000000") return null;
  return { epoch, offset: Number(digits) };
}

/** Reads the data of an application frame. Throws if it is no event; the frame's id counts nevertheless. */
export function decodeEvent(id: string, json: string): SSEEvent {
  const { type, data, timestamp } = JSON.parse(json) as SSEEvent;
  if (typeof type !== "string") throw new Error(`event ${id} has no type`);
  return { id, type, data, timestamp };
}
