import { beforeEach, expect, it } from "vitest";
import type { SSEEvent } from "./event.js";
import { Order, type Ordered } from "./order.js";
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

it("a skip moves the cursor over events that this subscriber may not see", () => {
  order.start("aaaaaaaa-1");
  tell(order.offer({ prev: "aaaaaaaa-1", events: [], cursor: "aaaaaaaa-4", skipped: [[2, 4]] }));
  offer("aaaaaaaa-4", "aaaaaaaa-5");
  expect(told).toEqual(["aaaaaaaa-5"]);
  expect(order.behind).toBe(false);
});

it("a skip that does not begin at the cursor is a gap", () => {
  order.start("aaaaaaaa-1");
  tell(order.offer({ prev: "aaaaaaaa-2", events: [], cursor: "aaaaaaaa-4", skipped: [[3, 4]] }));
  expect(told).toEqual(["gap"]);
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
