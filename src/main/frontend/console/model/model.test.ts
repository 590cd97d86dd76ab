import { describe, expect, it } from "vitest";
import type { SSEEvent } from "../../client/index.js";
import { heldOrder, newer } from "./arrangement.js";
import { countsByType, found } from "./feed.js";
import { grouped, misplaced, named } from "./fleet.js";
import type { Vehicle, VehicleStatus } from "./model.js";
import { outcomeOf } from "./outcome.js";

const fleet = (...entries: [string, VehicleStatus][]): ReadonlyMap<string, Vehicle> =>
  new Map(entries.map(([id, status]) => [id, { id, status, version: 1, updatedAt: "" }]));
const event = (offset: number, type: string): SSEEvent =>
  ({ id: `aaaaaaaa-${offset}`, type, data: null, timestamp: "" }) as SSEEvent;

describe("vehicles", () => {
  const before = grouped(fleet(["A-12", "available"], ["A-7", "available"], ["B-1", "on_scene"]));

  it("stand under their status, in the order of their numbers, and every status has its place", () => {
    expect(before.map(({ status, ids }) => [status, ids.length])).toEqual([
      ["available", 2],
      ["dispatched", 0],
      ["on_scene", 1],
      ["transporting", 0],
      ["out_of_service", 0],
    ]);
    expect(before[0]?.ids).toEqual(["A-7", "A-12"]);
  });

  it("that have changed, come or gone are counted while nothing may move", () => {
    expect(misplaced(before, before)).toBe(0);
    const changed = fleet(["A-12", "dispatched"], ["A-7", "available"], ["C-1", "available"]);
    expect(misplaced(before, grouped(changed))).toBe(3);
  });

  it("are found by a part of their name", () => {
    expect(named(before, " a-1 ").flatMap(({ ids }) => ids)).toEqual(["A-12"]);
  });
});

describe("a list that must not move", () => {
  it("keeps what is shown in its place, also what is gone, and appends what is new", () => {
    expect(heldOrder(["a", "b"], ["new", "b"])).toEqual(["a", "b", "new"]);
  });

  it("knows how many entries have come above the first that is shown", () => {
    expect(newer(["d", "c", "b"], "b")).toBe(2);
    expect(newer(["d", "c"], undefined)).toBe(2);
    expect(newer(["d", "c"], "long gone")).toBe(2);
  });
});

describe("the list of events", () => {
  const feed = [event(3, "test"), event(2, "flash_message"), event(1, "test")];
  const textOf = ({ type, id }: SSEEvent) => `${type} ${id}`;

  it("is searched for all words that were typed, in any order", () => {
    expect(found(feed, "-1 TEST", new Set(), textOf).map(({ id }) => id)).toEqual(["aaaaaaaa-1"]);
    expect(found(feed, "  ", new Set(), textOf)).toHaveLength(3);
  });

  it("leaves out the types that were switched off, and counts them all the same", () => {
    expect(found(feed, "", new Set(["test"]), textOf)).toHaveLength(1);
    expect(countsByType(feed, (type) => type)).toEqual([
      ["flash_message", 1],
      ["test", 2],
    ]);
  });
});

describe("what became of a message", () => {
  it.each([
    [202, { id: "f1", outcome: "durable" }, "durable"],
    [202, { id: "f1", outcome: "waiting" }, "waiting"],
    [202, { id: "f1", outcome: "unknown" }, "unknown"],
    [202, { id: "f1" }, "unknown"],
    [202, null, "unknown"],
    [503, { detail: "the log is full" }, "lost"],
    [422, { detail: "text must have 1 to 500 characters" }, "refused"],
    [504, null, "unknown"],
  ])("is read from %i and %j as %s", (status, body, kind) => {
    expect(outcomeOf(status, body).kind).toBe(kind);
  });

  it("has the server's words for a refusal", () => {
    expect(outcomeOf(422, { detail: "too long" }).detail).toBe("too long");
    expect(outcomeOf(500, null).detail).toBe("HTTP 500");
  });
});
