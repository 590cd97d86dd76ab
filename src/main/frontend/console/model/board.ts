import { parseEventId, type SSEEvent } from "../../client/index.js";
import { isOfAnEarlierShift, withAcknowledgement, withFlash } from "./flashes.js";
import {
  type Flash,
  isAcknowledgement,
  isFlash,
  isVehicle,
  type Snapshot,
  type Vehicle,
} from "./model.js";

const MOST_IN_FEED = 1_000;

/** What the page shows. */
export interface Board {
  readonly vehicles: ReadonlyMap<string, Vehicle>;
  /** The newest first. */
  readonly flashes: readonly Flash[];
  /** Ids of messages that were settled before this page was opened. */
  readonly settled: ReadonlySet<string>;
  /** The newest first. */
  readonly feed: readonly SSEEvent[];
  /** Whether a snapshot was ever read. */
  readonly loaded: boolean;
  /** The snapshot is void, and the new one has not come. */
  readonly outdated: boolean;
  /** Events that came while a snapshot was being fetched; null while none is. */
  readonly meanwhile: readonly SSEEvent[] | null;
}

export const EMPTY_BOARD: Board = {
  vehicles: new Map(),
  flashes: [],
  settled: new Set(),
  feed: [],
  loaded: false,
  outdated: true,
  meanwhile: null,
};

/** An event changes what is shown, and is kept for a snapshot that is under way. */
export function withEvent(board: Board, event: SSEEvent): Board {
  const { meanwhile } = board;
  const feed = [event, ...board.feed].slice(0, MOST_IN_FEED);
  const next = { ...board, feed, meanwhile: meanwhile && [...meanwhile, event] };
  return withState(next, event);
}

export function fetching(board: Board): Board {
  return { ...board, outdated: true, meanwhile: [] };
}

/**
 * The snapshot replaces what is shown, and what came after it is put on top of it again. Flash messages are
 * added, not replaced: none that waits to be acknowledged may disappear because a server was restarted.
 *
 * @param now the server's time, milliseconds since 1970
 */
export function withSnapshot(board: Board, snapshot: Snapshot, now: number): Board {
  const vehicles = new Map(snapshot.vehicles.map((vehicle) => [vehicle.id, vehicle]));
  const flashes = snapshot.flashes.reduce(withFlash, board.flashes);
  const settled = board.loaded ? board.settled : settledAt(snapshot.flashes, now);
  const base = { ...board, vehicles, flashes, settled };
  const after = offsetOf(snapshot.vehiclesAfter);
  const next = (board.meanwhile ?? [])
    .filter(({ id }) => offsetOf(id) > after)
    .reduce(withState, base);
  return { ...next, loaded: true, outdated: false, meanwhile: null };
}

/**
 * Events from before this page was opened: lines for the feed, and flash messages that must not be missed.
 *
 * @param now the server's time, milliseconds since 1970
 */
export function withHistory(board: Board, events: readonly SSEEvent[], now: number): Board {
  const known = new Set(board.feed.map(({ id }) => id));
  const older = events.filter(({ id }) => !known.has(id));
  const feed = [...board.feed, ...older].sort((a, b) => offsetOf(b.id) - offsetOf(a.id));
  const shown = new Set(board.flashes.map(({ id }) => id));
  const flashes = events.reduce(withFlashEvent, board.flashes);
  const found = flashes.filter(({ id }) => !shown.has(id));
  const settled = new Set([...board.settled, ...settledAt(found, now)]);
  return { ...board, feed: feed.slice(0, MOST_IN_FEED), flashes, settled };
}

/** Two transactions may commit in either order, so the highest version is the newest state. */
export function withVehicle(board: Board, vehicle: Vehicle): Board {
  if ((board.vehicles.get(vehicle.id)?.version ?? -1) >= vehicle.version) return board;
  return { ...board, vehicles: new Map(board.vehicles).set(vehicle.id, vehicle) };
}

function withState(board: Board, event: SSEEvent): Board {
  if (isVehicle(event)) return withVehicle(board, event.data);
  const flashes = withFlashEvent(board.flashes, event);
  return flashes === board.flashes ? board : { ...board, flashes };
}

function withFlashEvent(flashes: readonly Flash[], event: SSEEvent): readonly Flash[] {
  if (isFlash(event)) return withFlash(flashes, event.data);
  if (isAcknowledgement(event)) return withAcknowledgement(flashes, event.data.id, event.data);
  return flashes;
}

function settledAt(flashes: readonly Flash[], now: number): ReadonlySet<string> {
  return new Set(flashes.filter((flash) => isOfAnEarlierShift(flash, now)).map(({ id }) => id));
}

function offsetOf(id: string): number {
  return parseEventId(id)?.offset ?? 0;
}
