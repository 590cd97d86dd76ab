import { beforeEach, expect, it } from "vitest";
import type { SSEEvent } from "./event.js";
import { Intake } from "./intake.js";
import type { PollPage } from "./poll.js";

let told: string[];
let intake: Intake;

beforeEach(() => {
  told = [];
  intake = new Intake({
    batch: ({ events }) => told.push(...events.map(({ id }) => id)),
    reset: ({ cursor }) => told.push(`reset to ${cursor}`),
    gap: () => told.push("gap"),
  });
});

const events = (...ids: string[]) => ids.map((id) => ({ id, type: "test" }) as SSEEvent);
const offer = (prev: string | null, ...ids: string[]) =>
  intake.offer({ prev, events: events(...ids), cursor: ids.at(-1) ?? prev });
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
  intake.start("aaaaaaaa-1");
  offer("aaaaaaaa-1", "aaaaaaaa-2", "aaaaaaaa-3");
  expect(told).toEqual(["aaaaaaaa-2", "aaaaaaaa-3"]);
});

it("a repeat is dropped", () => {
  intake.start("aaaaaaaa-5");
  offer("aaaaaaaa-3", "aaaaaaaa-4", "aaaaaaaa-5", "aaaaaaaa-6");
  expect(told).toEqual(["aaaaaaaa-6"]);
});

it("behind a gap everything waits until a page has filled it", () => {
  intake.start("aaaaaaaa-1");
  offer("aaaaaaaa-3", "aaaaaaaa-4");
  offer("aaaaaaaa-4", "aaaaaaaa-5");
  intake.page("aaaaaaaa-1", page("aaaaaaaa", ["aaaaaaaa-2", "aaaaaaaa-3", "aaaaaaaa-4"]));
  expect(told).toEqual(["gap", "aaaaaaaa-2", "aaaaaaaa-3", "aaaaaaaa-4", "aaaaaaaa-5"]);
});

it("a new epoch is followed where it goes on from the cursor", () => {
  intake.start("aaaaaaaa-5");
  offer("aaaaaaaa-5", "bbbbbbbb-6", "bbbbbbbb-7");
  offer("aaaaaaaa-4", "aaaaaaaa-5");
  expect(told).toEqual(["bbbbbbbb-6", "bbbbbbbb-7"]);
});

it("an epoch that nobody has vouched for is never a repeat: the server is asked", () => {
  intake.start("aaaaaaaa-5");
  offer(null, "cccccccc-4");
  expect(told).toEqual(["gap"]);
});

it("nor is it the next, though its offset would fit", () => {
  intake.start("aaaaaaaa-5");
  offer(null, "cccccccc-6");
  expect(told).toEqual(["gap"]);
});

it("what came while a page with a reset was under way is delivered after it", () => {
  intake.start("aaaaaaaa-1");
  offer("aaaaaaaa-6", "aaaaaaaa-7");
  offer("aaaaaaaa-7", "aaaaaaaa-8");
  intake.page("aaaaaaaa-1", {
    ...page("aaaaaaaa", ["aaaaaaaa-5", "aaaaaaaa-6", "aaaaaaaa-7"]),
    oldest: 5,
    reset: { reason: "trimmed", missed: 3 },
  });
  expect(told).toEqual([
    "gap",
    "reset to aaaaaaaa-4",
    ...["aaaaaaaa-5", "aaaaaaaa-6", "aaaaaaaa-7", "aaaaaaaa-8"],
  ]);
  expect(intake.behind).toBe(false);
});

it("unless it came from the log that the reset has voided", () => {
  intake.start("aaaaaaaa-5");
  offer("aaaaaaaa-7", "aaaaaaaa-8");
  intake.page("aaaaaaaa-5", {
    ...page("cccccccc", ["cccccccc-3"]),
    oldest: 3,
    reset: { reason: "unknown_epoch", missed: null },
  });
  expect(told).toEqual(["gap", "reset to cccccccc-2", "cccccccc-3"]);
  expect(intake.behind).toBe(false);
});

it("what the server says to that is believed", () => {
  intake.start("aaaaaaaa-5");
  offer(null, "cccccccc-4");
  intake.page("aaaaaaaa-5", {
    ...page("cccccccc", ["cccccccc-1", "cccccccc-2", "cccccccc-3", "cccccccc-4"]),
    reset: { reason: "unknown_epoch", missed: null },
  });
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
  intake.start("aaaaaaaa-1");
  offer("aaaaaaaa-1", "aaaaaaaa-2");
  intake.page("aaaaaaaa-1", page("aaaaaaaa", ["aaaaaaaa-2"]));
  expect(told).toEqual(["aaaaaaaa-2"]);
});

it("a cursor beyond ours is a gap even if no event shows it", () => {
  intake.start("aaaaaaaa-1");
  intake.offer({ prev: "aaaaaaaa-1", events: [], cursor: "aaaaaaaa-2" });
  expect(told).toEqual(["gap"]);
});

it("after a reset, offsets may begin again", () => {
  intake.start("aaaaaaaa-9");
  intake.reset({ reason: "lost", missed: 3, cursor: "bbbbbbbb-2" });
  offer("bbbbbbbb-2", "bbbbbbbb-3");
  expect(told).toEqual(["reset to bbbbbbbb-2", "bbbbbbbb-3"]);
});
