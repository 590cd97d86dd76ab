import { beforeEach, expect, it } from "vitest";
import type { Range, SSEEvent } from "./event.js";
import { endOf, Order, type Ordered } from "./order.js";
import type { PollPage } from "./poll.js";

let told: string[];
let order: Order;

beforeEach(() => {
  told = [];
  order = new Order();
});

const tell = ({ deliveries, gap }: Ordered) => {
  for (const delivery of deliveries) {
    if (delivery.kind === "reset") told.push(`reset to ${delivery.reset.cursor}`);
    else told.push(...delivery.events.map(({ id }) => id));
  }
  if (gap) told.push("gap");
};
const events = (...ids: string[]) => ids.map((id) => ({ id, type: "test" }) as SSEEvent);
const offer = (prev: string | null, ...ids: string[]) =>
  tell(order.offer({ prev, events: events(...ids), cursor: ids.at(-1) ?? prev }));
const page = (epoch: string, ids: string[], lastEventId = ids.at(-1) ?? ""): PollPage => ({
  epoch,
  oldest: 1,
  newest: 9,
  reset: null,
  events: events(...ids),
  lastEventId,
  more: false,
  pollMillis: 5_000,
});

it("events that follow one another are handed on", () => {
  order.start("aaaaaaaa-1");
  offer("aaaaaaaa-1", "aaaaaaaa-2", "aaaaaaaa-3");
  expect(told).toEqual(["aaaaaaaa-2", "aaaaaaaa-3"]);
});

it("a repeat is dropped", () => {
  order.start("aaaaaaaa-5");
  offer("aaaaaaaa-3", "aaaaaaaa-4", "aaaaaaaa-5", "aaaaaaaa-6");
  expect(told).toEqual(["aaaaaaaa-6"]);
});

it("behind a gap everything waits until a page has filled it", () => {
  order.start("aaaaaaaa-1");
  offer("aaaaaaaa-3", "aaaaaaaa-4");
  offer("aaaaaaaa-4", "aaaaaaaa-5");
  tell(order.page("aaaaaaaa-1", page("aaaaaaaa", ["aaaaaaaa-2", "aaaaaaaa-3", "aaaaaaaa-4"])));
  expect(told).toEqual(["gap", "aaaaaaaa-2", "aaaaaaaa-3", "aaaaaaaa-4", "aaaaaaaa-5"]);
});

it("a new epoch is followed where it goes on from the cursor", () => {
  order.start("aaaaaaaa-5");
  offer("aaaaaaaa-5", "bbbbbbbb-6", "bbbbbbbb-7");
  offer("aaaaaaaa-4", "aaaaaaaa-5");
  expect(told).toEqual(["bbbbbbbb-6", "bbbbbbbb-7"]);
});

it("an epoch that nobody has vouched for is never a repeat: the server is asked", () => {
  order.start("aaaaaaaa-5");
  offer(null, "cccccccc-4");
  expect(told).toEqual(["gap"]);
});

it("nor is it the next, though its offset would fit", () => {
  order.start("aaaaaaaa-5");
  offer(null, "cccccccc-6");
  expect(told).toEqual(["gap"]);
});

it("what came while a page with a reset was under way is delivered after it", () => {
  order.start("aaaaaaaa-1");
  offer("aaaaaaaa-6", "aaaaaaaa-7");
  offer("aaaaaaaa-7", "aaaaaaaa-8");
  tell(
    order.page("aaaaaaaa-1", {
      ...page("aaaaaaaa", ["aaaaaaaa-5", "aaaaaaaa-6", "aaaaaaaa-7"]),
      oldest: 5,
      reset: { reason: "trimmed", missed: 3 },
    }),
  );
  expect(told).toEqual([
    "gap",
    "reset to aaaaaaaa-4",
    ...["aaaaaaaa-5", "aaaaaaaa-6", "aaaaaaaa-7", "aaaaaaaa-8"],
  ]);
  expect(order.behind).toBe(false);
});

it("unless it came from the log that the reset has voided", () => {
  order.start("aaaaaaaa-5");
  offer("aaaaaaaa-7", "aaaaaaaa-8");
  tell(
    order.page("aaaaaaaa-5", {
      ...page("cccccccc", ["cccccccc-3"]),
      oldest: 3,
      reset: { reason: "unknown_epoch", missed: null },
    }),
  );
  expect(told).toEqual(["gap", "reset to cccccccc-2", "cccccccc-3"]);
  expect(order.behind).toBe(false);
});

it("what the server says to that is believed", () => {
  order.start("aaaaaaaa-5");
  offer(null, "cccccccc-4");
  tell(
    order.page("aaaaaaaa-5", {
      ...page("cccccccc", ["cccccccc-1", "cccccccc-2", "cccccccc-3", "cccccccc-4"]),
      reset: { reason: "unknown_epoch", missed: null },
    }),
  );
  expect(told).toEqual([
    "gap",
    "reset to cccccccc-0",
    "cccccccc-1",
    "cccccccc-2",
    "cccccccc-3",
    "cccccccc-4",
  ]);
});

it("a page that answers an older question is no answer", () => {
  order.start("aaaaaaaa-1");
  offer("aaaaaaaa-1", "aaaaaaaa-2");
  tell(order.page("aaaaaaaa-1", page("aaaaaaaa", ["aaaaaaaa-2"])));
  expect(told).toEqual(["aaaaaaaa-2"]);
});

it("a cursor beyond ours is a gap even if no event shows it", () => {
  order.start("aaaaaaaa-1");
  tell(order.offer({ prev: "aaaaaaaa-1", events: [], cursor: "aaaaaaaa-2" }));
  expect(told).toEqual(["gap"]);
});

it("after a reset, offsets may begin again", () => {
  order.start("aaaaaaaa-9");
  tell(order.reset({ reason: "lost", missed: 3, cursor: "bbbbbbbb-2" }));
  offer("bbbbbbbb-2", "bbbbbbbb-3");
  expect(told).toEqual(["reset to bbbbbbbb-2", "bbbbbbbb-3"]);
});

type SkipRow = readonly [
  what: string,
  prev: string | null,
  id: string,
  range: Range,
  cursor: string | null,
  gap: boolean,
];

/** The cursor is `aaaaaaaa-5`, and the epoch `aaaaaaaa` is known. */
const SKIPS: readonly SkipRow[] = [
  ["begins behind the cursor", "aaaaaaaa-5", "aaaaaaaa-8", [6, 8], "aaaaaaaa-8", false],
  ["is of one offset", "aaaaaaaa-5", "aaaaaaaa-6", [6, 6], "aaaaaaaa-6", false],
  [
    "fits, of a stream that began before the cursor",
    "aaaaaaaa-2",
    "aaaaaaaa-7",
    [6, 7],
    "aaaaaaaa-7",
    false,
  ],
  ["ends at the cursor: a repeat", "aaaaaaaa-2", "aaaaaaaa-5", [3, 5], "aaaaaaaa-5", false],
  ["ends before the cursor: a repeat", "aaaaaaaa-2", "aaaaaaaa-4", [3, 4], "aaaaaaaa-5", false],
  [
    "begins before the cursor and ends behind it",
    "aaaaaaaa-2",
    "aaaaaaaa-8",
    [3, 8],
    "aaaaaaaa-5",
    true,
  ],
  ["begins too far behind the cursor", "aaaaaaaa-6", "aaaaaaaa-9", [7, 9], "aaaaaaaa-5", true],
  ["ends elsewhere than its id", "aaaaaaaa-5", "aaaaaaaa-9", [6, 8], "aaaaaaaa-5", true],
  ["ends before it begins", "aaaaaaaa-5", "aaaaaaaa-5", [6, 5], "aaaaaaaa-5", true],
  ["has no numbers", "aaaaaaaa-5", "aaaaaaaa-8", [Number.NaN, 8], "aaaaaaaa-5", true],
  ["has no id", "aaaaaaaa-5", "", [6, 8], "aaaaaaaa-5", true],
  ["goes on in a new epoch", "aaaaaaaa-5", "bbbbbbbb-7", [6, 7], "bbbbbbbb-7", false],
  [
    "is of an epoch that nobody has vouched for",
    "cccccccc-5",
    "cccccccc-7",
    [6, 7],
    "aaaaaaaa-5",
    true,
  ],
  [
    "repeats, of an epoch that nobody has vouched for",
    "cccccccc-2",
    "cccccccc-4",
    [3, 4],
    "aaaaaaaa-5",
    true,
  ],
];

it.each(SKIPS)("a skip that %s", (_what, prev, id, range, cursor, gap) => {
  order.start("aaaaaaaa-5");
  tell(order.skip(prev, id, range));
  expect(order.cursor).toBe(cursor);
  expect(order.behind).toBe(gap);
  expect(told).toEqual(gap ? ["gap"] : []);
});

it("behind a skip, the next event follows", () => {
  order.start("aaaaaaaa-1");
  tell(order.skip("aaaaaaaa-1", "aaaaaaaa-4", [2, 4]));
  offer("aaaaaaaa-4", "aaaaaaaa-5");
  expect(told).toEqual(["aaaaaaaa-5"]);
  expect(order.behind).toBe(false);
});

it("a client without a position begins at a skip", () => {
  tell(order.skip(null, "aaaaaaaa-4", [2, 4]));
  expect(order.cursor).toBe("aaaaaaaa-4");
});

it("a skip that comes while a gap is filled counts after it", () => {
  order.start("aaaaaaaa-1");
  offer("aaaaaaaa-2", "aaaaaaaa-3");
  tell(order.skip("aaaaaaaa-3", "aaaaaaaa-6", [4, 6]));
  tell(order.page("aaaaaaaa-1", page("aaaaaaaa", ["aaaaaaaa-2", "aaaaaaaa-3"])));
  expect(order.cursor).toBe("aaaaaaaa-6");
  expect(order.behind).toBe(false);
});

it("a skip is handed on, so that the other tabs move too", () => {
  order.start("aaaaaaaa-1");
  const { deliveries } = order.skip("aaaaaaaa-1", "aaaaaaaa-4", [2, 4]);
  const other = new Order();
  other.start("aaaaaaaa-1");
  const [delivery] = deliveries;
  if (delivery?.kind !== "batch") throw new Error("no batch");
  other.offer(delivery);
  expect(other.cursor).toBe("aaaaaaaa-4");
});

it.each<[string, number | null, readonly string[], readonly Range[]]>([
  ["nothing", 5, [], []],
  ["events", 7, ["a-6", "a-7"], []],
  ["hidden events only", 8, [], [[6, 8]]],
  [
    "both in turn",
    11,
    ["a-7", "a-10"],
    [
      [6, 6],
      [8, 9],
      [11, 11],
    ],
  ],
  [
    "two runs that touch",
    9,
    [],
    [
      [6, 7],
      [8, 9],
    ],
  ],
  ["a hole before a run", null, ["a-6"], [[8, 9]]],
  ["a hole behind a run", null, ["a-9"], [[6, 7]]],
  ["a run that overlaps an event", null, ["a-6"], [[6, 7]]],
  [
    "runs that overlap",
    null,
    [],
    [
      [6, 8],
      [8, 9],
    ],
  ],
  [
    "runs in the wrong order",
    null,
    [],
    [
      [8, 9],
      [6, 7],
    ],
  ],
  ["a run before the cursor", null, [], [[4, 6]]],
  ["an empty run", null, [], [[6, 5]]],
  ["an event twice", null, ["a-6", "a-6"], []],
])("a page of %s from offset 5 reaches %s", (_what, end, ids, skipped) => {
  const full = ids.map((id) => id.replace("a-", "aaaaaaaa-"));
  expect(endOf(5, { events: events(...full), skipped })).toBe(end);
});

it("a page with skipped offsets is handed on with them, so that the next one in line can count, too", () => {
  order.start("aaaaaaaa-1");
  const skipped = [[2, 3]] as const;
  const { deliveries } = order.page("aaaaaaaa-1", { ...page("aaaaaaaa", ["aaaaaaaa-4"]), skipped });
  const next = new Order();
  next.start("aaaaaaaa-1");
  const [delivery] = deliveries;
  if (delivery?.kind !== "batch") throw new Error("no batch");
  tell(next.offer(delivery));
  expect(told).toEqual(["aaaaaaaa-4"]);
});
