import { beforeEach, expect, it } from "vitest";
import { FakeBrowser, type FakeTab } from "./testing/fake-browser.js";
import { FakeClock } from "./testing/fake-clock.js";
import { FakeServer } from "./testing/fake-server.js";

let clock: FakeClock;
let server: FakeServer;
let leader: FakeTab;
let follower: FakeTab;
beforeEach(async () => {
  clock = new FakeClock();
  server = new FakeServer(clock);
  const browser = new FakeBrowser(clock, server);
  leader = browser.opensATab();
  leader.client.connect();
  await clock.passes(100);
  follower = browser.opensATab();
  follower.client.connect();
  await clock.passes(100);
});

it.each([
  ["500", () => server.answersPollsWith(500)],
  ["503 with Retry-After 3600", () => server.answersPollsWith(503, 3_600)],
  ["403", () => server.answersPollsWith(403)],
])("a gap while polls answer %s: every tab says that events are missing", async (_, break_) => {
  break_();
  server.forgetsToSend(1);
  server.publishesMany(5);
  await clock.passes(60_000);
  expect(leader.heard).toEqual([]);
  expect(follower.heard).toEqual([]);
  expect(leader.client.status).toBe("connected");
  expect.soft(leader.client.store.getState().catchingUp, "the leading tab").toBe(true);
  expect.soft(follower.client.store.getState().catchingUp, "a following tab").toBe(true);
  // A minute later a new stream, which is no poll, brings what is missing.
  await clock.passes(20_000);
  expect(leader.heard).toEqual([1, 2, 3, 4, 5]);
  expect(follower.heard).toEqual([1, 2, 3, 4, 5]);
  expect(follower.client.store.getState().catchingUp).toBe(false);
});

it("a long replay says how many events are still to come", async () => {
  server.publishesMany(2_000);
  await clock.passes(100);
  const browser = new FakeBrowser(clock, server);
  const tab = browser.opensATab();
  const behind: (number | null)[] = [];
  const untrue: number[] = [];
  tab.client.store.subscribe((state) => {
    behind.push(state.behind);
    if (state.behind !== null && !state.catchingUp) untrue.push(state.behind);
  });
  tab.client.connect({ after: `${server.log.epoch}-0` });
  await clock.passes(1_000);
  expect(tab.heard).toHaveLength(2_000);
  expect(Math.max(...behind.map((one) => one ?? 0))).toBe(2_000);
  expect(untrue).toEqual([]);
  expect(tab.client.store.getState()).toMatchObject({ behind: null, catchingUp: false });
});

it("every tab is told that the server holds events back, and since when", async () => {
  const since = clock.now();
  server.logBecomes("failing");
  await clock.passes(20_000);
  for (const { client } of [leader, follower]) {
    expect(client.store.getState()).toMatchObject({ status: "connected", log: "failing" });
    expect(client.store.getState().logSince).toBeCloseTo(since, -2);
  }
  server.cutsItsStreams();
  await clock.passes(1_000);
  expect(follower.client.store.getState()).toMatchObject({
    status: "reconnecting",
    log: "failing",
  });
  await clock.passes(5_000);
  expect(follower.client.store.getState()).toMatchObject({ status: "connected", log: "failing" });
  server.logBecomes("ok");
  await clock.passes(100);
  expect(follower.client.store.getState()).toMatchObject({ log: "ok", logSince: null });
});

it("the answers of a cache are no proof of life", async () => {
  server.cutsItsStreams();
  server.answersStreamsWith(503);
  await clock.passes(60_000);
  expect(leader.client.status).toBe("polling");
  server.isHiddenByACache();
  server.goesDown();
  await clock.passes(30_000);
  expect(leader.client.status).toBe("disconnected");
  expect(leader.client.heardMillis).toBeGreaterThan(20_000);
  expect(leader.client.store.getState().reason).toContain("cache");
});

it("a check poll that is not answered does not break a stream on which frames come", async () => {
  await clock.passes(2_000);
  Object.assign(leader.environment, {
    fetch: (_: string, { signal }: RequestInit) =>
      new Promise<Response>((_, failed) =>
        signal?.addEventListener("abort", () => failed(new DOMException("", "AbortError"))),
      ),
  });
  leader.happens("visibilitychange");
  await clock.passes(1_000);
  server.publishesMany(1);
  await clock.passes(10_000);
  expect(leader.statuses).toEqual(["reconnecting", "connected"]);
  expect(server.requests.filter(({ path }) => path === "/api/sse")).toHaveLength(1);
});

it("a reconnect by hand in the middle of a gap does not end the polls that fill it", async () => {
  server.answersPollsWith(500);
  server.forgetsToSend(1);
  server.publishesMany(3);
  await clock.passes(1_000);
  leader.client.reconnect();
  await clock.passes(100);
  server.answersPollsWith(200);
  await clock.passes(10_000);
  expect(leader.heard).toEqual([1, 2, 3]);
  expect(follower.heard).toEqual([1, 2, 3]);
});
