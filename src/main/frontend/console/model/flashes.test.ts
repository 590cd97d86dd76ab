import { describe, expect, it } from "vitest";
import type { SSEEvent } from "../../client/index.js";
import { EMPTY_BOARD, withEvent, withHistory, withSnapshot } from "./board.js";
import { inOrderOfDuty, isOfAnEarlierShift, knownDesks, notYet } from "./flashes.js";
import type { Acknowledgement, Flash } from "./model.js";

const START = Date.UTC(2026, 10, 23, 14);
const HOUR = 3_600_000;
const time = (n: number) => new Date(START + n * 1_000).toISOString();
const flash = (
  n: number,
  priority: Flash["priority"] = "normal",
  acknowledgements: readonly Acknowledgement[] = [],
): Flash => ({ id: `f${n}`, text: `text ${n}`, priority, createdAt: time(n), acknowledgements });
const event = (offset: number, type: string, data: unknown): SSEEvent =>
  ({ id: `aaaaaaaa-${offset}`, type, data, timestamp: time(offset) }) as SSEEvent;
const sent = (n: number, priority: Flash["priority"]) =>
  event(n, "flash_message", flash(n, priority));
const ids = (flashes: readonly Flash[]) => flashes.map(({ id }) => id);

describe("an urgent message without an acknowledgement stays", () => {
  it("when 1,000 normal ones and 1,000 events of other types come after it", () => {
    let board = withEvent(EMPTY_BOARD, sent(1, "high"));
    for (let n = 2; n <= 1_002; n += 1) board = withEvent(board, sent(n, "normal"));
    for (let n = 2_000; n <= 3_000; n += 1) board = withEvent(board, event(n, "test", null));
    expect(ids(board.flashes)).toContain("f1");
    expect(board.flashes.length).toBe(201);
  });

  it("when 1,000 urgent ones come after it", () => {
    let board = withEvent(EMPTY_BOARD, sent(1, "high"));
    for (let n = 2; n <= 1_002; n += 1) board = withEvent(board, sent(n, "high"));
    expect(ids(board.flashes)).toContain("f1");
  });

  it("when it comes from the history with 201 newer ones", () => {
    const history = Array.from({ length: 202 }, (_, n) => sent(n + 1, n === 0 ? "high" : "normal"));
    expect(ids(withHistory(EMPTY_BOARD, history, START).flashes)).toContain("f1");
  });

  it("when the server was restarted and has forgotten it", () => {
    const board = withEvent(EMPTY_BOARD, sent(1, "high"));
    const empty = {
      vehicles: [],
      vehiclesAfter: "bbbbbbbb-1",
      flashes: [],
      flashesAfter: "bbbbbbbb-1",
    };
    expect(ids(withSnapshot(board, empty, START).flashes)).toEqual(["f1"]);
  });
});

describe("acknowledgements", () => {
  const acknowledged = (offset: number, by: string) =>
    event(offset, "flash_acknowledged", { id: "f1", by, at: time(offset) });

  it("come with events, each desk once", () => {
    const board = [sent(1, "high"), acknowledged(2, "Desk 1"), acknowledged(3, "Desk 1")].reduce(
      withEvent,
      EMPTY_BOARD,
    );
    expect(board.flashes[0]?.acknowledgements).toEqual([{ by: "Desk 1", at: time(2) }]);
  });

  it("come with snapshots, and are joined to those that are known", () => {
    const board = [sent(1, "high"), acknowledged(2, "Desk 1")].reduce(withEvent, EMPTY_BOARD);
    const snapshot = {
      vehicles: [],
      vehiclesAfter: "aaaaaaaa-3",
      flashes: [flash(1, "high", [{ by: "Desk 2", at: time(3) }])],
      flashesAfter: "aaaaaaaa-3",
    };
    const desks = withSnapshot(board, snapshot, START).flashes[0]?.acknowledgements;
    expect(desks?.map(({ by }) => by)).toEqual(["Desk 1", "Desk 2"]);
  });

  it("of a message that is not known change nothing", () => {
    expect(withEvent(EMPTY_BOARD, acknowledged(2, "Desk 1")).flashes).toEqual([]);
  });

  it("make their desks known, so that it can be said which have not acknowledged another message", () => {
    const flashes = [
      flash(2, "high", [{ by: "Desk 10", at: time(2) }]),
      flash(1, "normal", [
        { by: "Desk 2", at: time(1) },
        { by: "Day shift", at: new Date(START - 20 * HOUR).toISOString() },
      ]),
    ];
    const desks = knownDesks(flashes, "Desk 3", START);
    expect(desks).toEqual(["Desk 2", "Desk 3", "Desk 10"]);
    expect(notYet(flashes[0] as Flash, desks)).toEqual(["Desk 2", "Desk 3"]);
  });
});

it("urgent messages come first, and a new one does not move those of its priority", () => {
  const before = [flash(3, "high"), flash(2), flash(1, "high")];
  expect(ids(inOrderOfDuty(before))).toEqual(["f1", "f3", "f2"]);
  expect(ids(inOrderOfDuty([flash(4, "high"), ...before]))).toEqual(["f1", "f3", "f4", "f2"]);
});

it.each<[string, Flash, boolean]>([
  ["a normal message of yesterday", flash(0), true],
  ["an urgent message of yesterday that no desk has acknowledged", flash(0, "high"), false],
  [
    "an urgent message of yesterday with an acknowledgement",
    flash(0, "high", [{ by: "A", at: time(1) }]),
    true,
  ],
])("a page that is opened a day later: %s is settled: %o", (_, message, settled) => {
  expect(isOfAnEarlierShift(message, START + 24 * HOUR)).toBe(settled);
  expect(isOfAnEarlierShift(message, START + HOUR)).toBe(false);
});
