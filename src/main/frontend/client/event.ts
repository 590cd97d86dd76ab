/** Event types and their data for an application that has not said what it uses. */
export type AnyEvents = Readonly<Record<string, unknown>>;

/** One event as the application gets it. */
export interface SSEEvent<T extends string = string, D = unknown> {
  /** Its position in the log, `epoch-offset`. */
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

/** The server can no longer replay all that was missed: whatever is on the screen must be fetched again. */
export interface SSEReset {
  /** `unknown_epoch`, `trimmed`, `ahead` or `lost`. */
  readonly reason: string;
  /** How many events are gone, where the server can tell. */
  readonly missed: number | null;
  /** The id after which delivery goes on. */
  readonly cursor: string;
}

/** Events that follow one another, and where their giver stood before and after them. */
export interface Batch {
  readonly prev: string | null;
  readonly events: readonly SSEEvent[];
  readonly cursor: string | null;
}

/** Reads an application frame. A frame that is no event throws; its id still counts. */
export function decodeEvent(id: string, json: string): SSEEvent {
  const { type, data, timestamp } = JSON.parse(json) as SSEEvent;
  if (typeof type !== "string") throw new Error(`event ${id} has no type`);
  return { id, type, data, timestamp };
}
