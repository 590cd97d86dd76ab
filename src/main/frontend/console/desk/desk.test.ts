import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeBrowser, FakeClock, FakeServer, type FakeTab } from "../../client/testing.js";
import type { Flash } from "../model/model.js";
import { Desk } from "./desk.js";
import { fetchHistory } from "./server.js";

let clock: FakeClock;
let server: FakeServer;
let tab: FakeTab;
let desk: Desk;
let announced: string[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
  vi.stubGlobal("document", { baseURI: "http://samband.test/" });
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("Failed to fetch");
  });
  clock = new FakeClock();
  server = new FakeServer(clock);
  tab = new FakeBrowser(clock, server).opensATab();
  desk = new Desk(tab.client);
  announced = [];
  desk.onUrgent(({ id }) => announced.push(id));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const sends = async (id: string, priority: Flash["priority"] = "high") => {
  const createdAt = new Date().toISOString();
  server.publishes("flash_message", { id, text: id, priority, createdAt });
  await clock.passes(50);
};
const shown = () => desk.shown.getState().flashes.map(({ id }) => id);
const answersWith = (flashes: readonly Partial<Flash>[]) =>
  vi.stubGlobal("fetch", async (url: URL) => {
    const lastEventId = server.log.newestId;
    const body = { lastEventId, vehicles: [], flashes, events: [] };
    return new Response(JSON.stringify(String(url).includes("poll") ? { events: [] } : body));
  });

it.each([
  ["is not set", 0],
  ["is set back by an hour", 3_600_000],
  ["is set forward by a day", -86_400_000],
])("the browser's clock %s: an urgent message is on the page within a second", async (_, step) => {
  await desk.open();
  await clock.passes(200);
  await sends("one");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(shown()).toContain("one");
  vi.setSystemTime(Date.now() - step);
  await sends("two");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(shown()).toContain("two");
});

describe("another user in this browser", () => {
  it.each(["user", "rights"])(
    "a reset because of the %s forgets what was shown, and fetches it again",
    async (reason) => {
      server.signsIn("kari");
      answersWith([{ id: "old", text: "old", priority: "normal", createdAt: "" }]);
      await desk.open();
      await clock.passes(200);
      await sends("of kari");
      await vi.advanceTimersByTimeAsync(1_000);
      expect(desk.shown.getState().feed).toHaveLength(1);
      expect(shown()).toContain("old");
      answersWith([{ id: "new", text: "new", priority: "high", createdAt: "" }]);
      announced = [];
      if (reason === "user") server.signsIn("ola");
      else server.signsIn("kari", { rights: "00000002" });
      server.cutsItsStreams();
      await clock.passes(10_000);
      await vi.advanceTimersByTimeAsync(1_000);
      expect(shown()).toEqual(["new"]);
      expect(desk.shown.getState().feed).toEqual([]);
      expect(announced).toEqual([]);
    },
  );

  it("an answer that was under way is not shown", async () => {
    server.signsIn("kari");
    answersWith([]);
    await desk.open();
    await clock.passes(200);
    const late: ((response: Response) => void)[] = [];
    vi.stubGlobal("fetch", () => new Promise<Response>((done) => late.push(done)));
    server.restarts();
    await clock.passes(10_000);
    expect(late).toHaveLength(2);
    const old = { id: "old", text: "old", priority: "normal", createdAt: "" };
    const body = { lastEventId: server.log.newestId, vehicles: [], flashes: [old], events: [] };
    server.signsIn("ola");
    server.cutsItsStreams();
    await clock.passes(10_000);
    answersWith([]);
    for (const answer of late) answer(new Response(JSON.stringify(body)));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(shown()).toEqual([]);
    expect(desk.shown.getState().outdated).toBe(false);
  });
});

it("hundreds of events in a moment draw the page twice, the last one included", async () => {
  await desk.open();
  await clock.passes(200);
  await vi.advanceTimersByTimeAsync(1_000);
  let drawn = 0;
  desk.shown.subscribe(() => {
    drawn += 1;
  });
  server.publishesMany(300);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(drawn).toBe(2);
  expect(desk.shown.getState().feed).toHaveLength(300);
});

describe("an urgent message is announced", () => {
  it("when it comes by the stream, once, and a normal one is not", async () => {
    await desk.open();
    await clock.passes(200);
    await sends("urgent");
    await sends("normal", "normal");
    await sends("urgent");
    expect(announced).toEqual(["urgent"]);
  });

  it("not when it waited before the page was opened", async () => {
    answersWith([{ id: "old", text: "old", priority: "high", createdAt: "2026-11-23T14:00:00Z" }]);
    await desk.open();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(shown()).toEqual(["old"]);
    expect(announced).toEqual([]);
  });

  it("when it is found in a snapshot after events were lost", async () => {
    answersWith([]);
    await desk.open();
    await clock.passes(200);
    answersWith([{ id: "new", text: "new", priority: "high", createdAt: "2026-11-23T15:00:00Z" }]);
    server.log.loseAll();
    server.cutsItsStreams();
    await clock.passes(10_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(announced).toEqual(["new"]);
  });
});

it("the history of a new tab has flash messages of a longer time than other events", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: URL) => {
    asked.push(url.search);
    return new Response(JSON.stringify({ events: [] }));
  });
  await fetchHistory("aaaaaaaa-9000");
  expect(asked).toHaveLength(2);
  expect(asked[0]).toContain("after=aaaaaaaa-4000&types=flash_message,flash_acknowledged");
  expect(asked[1]).toContain("after=aaaaaaaa-8800");
});
