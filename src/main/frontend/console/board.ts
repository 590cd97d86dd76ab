import { parseEventId, type SSEEvent } from "../client/index.js";
import { type Flash, isFlash, isVehicle, type Snapshot, type Vehicle } from "./model.js";

const MOST_FLASHES = 200;
const MOST_IN_FEED = 500;

/** What the page shows. */
export interface Board {
  readonly vehicles: ReadonlyMap<string, Vehicle>;
  /** The newest first. */
  readonly flashes: readonly Flash[];
  /** The newest first. */
  readonly feed: readonly SSEEvent[];
  /** When the snapshot was read; null until there is one. */
  readonly loadedAt: number | null;
  /** The snapshot is void, and the new one has not come. */
  readonly outdated: boolean;
  /** Events that came while a snapshot was being fetched; null while none is. */
  readonly meanwhile: readonly SSEEvent[] | null;
}

export const EMPTY_BOARD: Board = {
  vehicles: new Map(),
  flashes: [],
  feed: [],
  loadedAt: null,
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
 */
export function withSnapshot(board: Board, snapshot: Snapshot, now: number): Board {
  const vehicles = new Map(snapshot.vehicles.map((vehicle) => [vehicle.id, vehicle]));
  const flashes = snapshot.flashes.reduce(withFlash, board.flashes);
  const base = { ...board, vehicles, flashes, loadedAt: now, outdated: false, meanwhile: null };
  const after = offsetOf(snapshot.vehiclesAfter);
  return (board.meanwhile ?? []).filter(({ id }) => offsetOf(id) > after).reduce(withState, base);
}

/** Events from before this page was opened: lines for the feed, and flash messages nobody may miss. */
export function withHistory(board: Board, events: readonly SSEEvent[]): Board {
  const known = new Set(board.feed.map(({ id }) => id));
  const older = events.filter(({ id }) => !known.has(id));
  const feed = [...board.feed, ...older].sort((a, b) => offsetOf(b.id) - offsetOf(a.id));
  const flashes = older
    .filter(isFlash)
    .map(({ data }) => data)
    .reduce(withFlash, board.flashes);
  return { ...board, feed: feed.slice(0, MOST_IN_FEED), flashes };
}

/** Two transactions may commit in either order, so the highest version is the truth. */
export function withVehicle(board: Board, vehicle: Vehicle): Board {
  if ((board.vehicles.get(vehicle.id)?.version ?? -1) >= vehicle.version) return board;
  return { ...board, vehicles: new Map(board.vehicles).set(vehicle.id, vehicle) };
}

function withState(board: Board, event: SSEEvent): Board {
  if (isVehicle(event)) return withVehicle(board, event.data);
  if (isFlash(event)) return { ...board, flashes: withFlash(board.flashes, event.data) };
  return board;
}

function withFlash(flashes: readonly Flash[], flash: Flash): readonly Flash[] {
  if (flashes.some(({ id }) => id === flash.id)) return flashes;
  const all = [flash, ...flashes].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  return all.slice(0, MOST_FLASHES);
}

function offsetOf(id: string): number {
  return parseEventId(id)?.offset ?? 0;
}
