/**
 * The data of the event types that an application knows. Add your own by declaration merging:
 *
 * ```ts
 * declare module "samband-client" {
 *   interface SSEEventData { flash_message: { id: string; text: string } }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be merged into
export interface SSEEventData {}

/** What `data` is for a type: as declared in {@link SSEEventData}, else unknown. */
export type DataOf<T extends string> = T extends keyof SSEEventData ? SSEEventData[T] : unknown;

/** One event as the application gets it. */
export interface SSEEvent<T extends string = string> {
  /** Its position in the log, `epoch-offset`. */
  readonly id: string;
  readonly type: T;
  readonly data: DataOf<T>;
  /** When it was made, ISO 8601 in UTC. The order is that of the ids, not of this. */
  readonly timestamp: string;
}

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
