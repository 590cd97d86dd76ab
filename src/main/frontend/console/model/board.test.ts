import { describe, expect, it } from "vitest";
import type { SSEEvent } from "../../client/index.js";
import {
  EMPTY_BOARD,
  fetching,
  withEvent,
  withHistory,
  withSnapshot,
  withVehicle,
} from "./board.js";
import type { Flash, Snapshot, Vehicle } from "./model.js";

const vehicle = (
  id: string,
  version: number,
  status: Vehicle["status"] = "available",
): Vehicle => ({
  id,
  status,
  version,
  updatedAt: "2026-11-23T14:00:00.000Z",
});
const flash = (id: string, second = 0): Flash => ({
  id,
  text: `text of ${id}`,
  priority: "high",
  createdAt: `2026-11-23T14:00:0${second}.000Z`,
});
const event = (offset: number, type: string, data: unknown): SSEEvent =>
  ({ id: `aaaaaaaa-${offset}`, type, data, timestamp: "2026-11-23T14:00:00.000Z" }) as SSEEvent;
const snapshot = (after: number, vehicles: Vehicle[], flashes: Flash[] = []): Snapshot => ({
  vehicles,
  vehiclesAfter: `aaaaaaaa-${after}`,
  flashes,
  flashesAfter: `aaaaaaaa-${after}`,
});

describe("vehicles", () => {
  it("show what the last event said", () => {
    const board = withEvent(
      EMPTY_BOARD,
      event(1, "bilstatus_update", vehicle("A-1", 1, "on_scene")),
    );
    expect(board.vehicles.get("A-1")?.status).toBe("on_scene");
  });

  it("keep the highest version, in whichever order two transactions were pushed", () => {
    const later = withVehicle(EMPTY_BOARD, vehicle("A-1", 2, "on_scene"));
    expect(withVehicle(later, vehicle("A-1", 1, "dispatched")).vehicles.get("A-1")?.version).toBe(
      2,
    );
  });

  it("are replaced by a snapshot, even by lower versions: a server may have begun anew", () => {
    const old = withVehicle(EMPTY_BOARD, vehicle("A-1", 57));
    const board = withSnapshot(fetching(old), snapshot(9, [vehicle("A-1", 1, "dispatched")]), 0);
    expect(board.vehicles.get("A-1")?.version).toBe(1);
    expect(board.outdated).toBe(false);
  });

  it("do not lose what came while the snapshot was fetched", () => {
    let board = fetching(EMPTY_BOARD);
    board = withEvent(board, event(5, "bilstatus_update", vehicle("A-1", 3)));
    board = withEvent(board, event(7, "bilstatus_update", vehicle("A-2", 1)));
    board = withSnapshot(board, snapshot(6, [vehicle("A-1", 4)]), 0);
    expect(board.vehicles.get("A-1")?.version).toBe(4);
    expect(board.vehicles.get("A-2")?.version).toBe(1);
  });
});

describe("flash messages", () => {
  it("stand once, the newest first, wherever they come from", () => {
    let board = withSnapshot(EMPTY_BOARD, snapshot(2, [], [flash("one", 1)]), 0);
    board = withEvent(board, event(3, "flash_message", flash("two", 2)));
    board = withEvent(board, event(4, "flash_message", flash("one", 1)));
    expect(board.flashes.map(({ id }) => id)).toEqual(["two", "one"]);
  });

  it("outlive a server that has forgotten them", () => {
    const board = withEvent(EMPTY_BOARD, event(1, "flash_message", flash("one")));
    expect(withSnapshot(board, snapshot(1, []), 0).flashes).toHaveLength(1);
  });

  it("of another shape are only lines in the feed", () => {
    const board = withEvent(EMPTY_BOARD, event(1, "flash_message", "just text"));
    expect(board.flashes).toHaveLength(0);
    expect(board.feed).toHaveLength(1);
  });
});

it("history goes under what is there, each event once", () => {
  let board = withEvent(EMPTY_BOARD, event(3, "test", null));
  board = withHistory(
    board,
    [event(1, "test", null), event(2, "test", null), event(3, "test", null)],
    0,
  );
  expect(board.feed.map(({ id }) => id)).toEqual(["aaaaaaaa-3", "aaaaaaaa-2", "aaaaaaaa-1"]);
});
