import { VEHICLE_STATUSES, type Vehicle, type VehicleStatus } from "./model.js";

/** The vehicles of one status, in the order of their names. */
export interface Group {
  readonly status: VehicleStatus;
  readonly ids: readonly string[];
}

/** One group for each status in the order of a mission, also for one that has no vehicle: groups keep their places. */
export function grouped(vehicles: ReadonlyMap<string, Vehicle>): readonly Group[] {
  const all = [...vehicles.values()].sort(byName);
  return VEHICLE_STATUSES.map((status) => ({
    status,
    ids: all.filter((vehicle) => vehicle.status === status).map(({ id }) => id),
  }));
}

/** How many vehicles stand elsewhere than they should, or are not shown: what a regrouping would move. */
export function misplaced(shown: readonly Group[], now: readonly Group[]): number {
  const place = new Map(shown.flatMap(({ status, ids }) => ids.map((id) => [id, status])));
  const there = new Set(now.flatMap(({ ids }) => ids));
  const moved = now.flatMap(({ status, ids }) => ids.filter((id) => place.get(id) !== status));
  return moved.length + [...place.keys()].filter((id) => !there.has(id)).length;
}

/** The vehicles whose name contains the words that were typed. */
export function named(groups: readonly Group[], query: string): readonly Group[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === "") return groups;
  return groups.map(({ status, ids }) => ({
    status,
    ids: ids.filter((id) => id.toLowerCase().includes(wanted)),
  }));
}

function byName(a: Vehicle, b: Vehicle): number {
  return a.id.localeCompare(b.id, undefined, { numeric: true });
}
