import { beforeEach, expect, it } from "vitest";
import { forcePolling } from "./debug.js";
import { FakeBrowser, type FakeTab } from "./testing/fake-browser.js";
import { FakeClock } from "./testing/fake-clock.js";
import { FakeServer } from "./testing/fake-server.js";

let clock: FakeClock;
let server: FakeServer;
let browser: FakeBrowser;
let tab: FakeTab;

beforeEach(async () => {
  clock = new FakeClock();
  server = new FakeServer(clock);
  browser = new FakeBrowser(clock, server);
  tab = browser.opensATab();
  tab.client.connect();
  await clock.passes(100);
});
const disconnectsAtOnce = (one: FakeTab) => one.client.onEvent(() => one.client.disconnect());

it("a polled page", async () => {
  forcePolling(tab.client, true);
  await clock.passes(100);
  disconnectsAtOnce(tab);
  server.publishesMany(5);
  await clock.passes(6_000);
  expect(tab.heard).toEqual([1]);
});

it("a page that fills a gap", async () => {
  disconnectsAtOnce(tab);
  server.forgetsToSend(2);
  server.publishesMany(5);
  await clock.passes(6_000);
  expect(tab.heard).toEqual([1]);
});

it("a page that leaves a gap: nothing more is asked", async () => {
  const { fetch } = tab.environment;
  const slowAnswer = async (url: string, init: RequestInit) => {
    const response = await fetch(url, init);
    await new Promise<void>((done) => clock.setTimeout(done, 50));
    return response;
  };
  Object.assign(tab.environment, { fetch: slowAnswer });
  disconnectsAtOnce(tab);
  server.forgetsToSend(1);
  server.publishesMany(2);
  await clock.passes(30);
  // The page is under way and without these.
  server.forgetsToSend(1);
  server.publishesMany(2);
  await clock.passes(100);
  expect(tab.heard).toEqual([1]);
  const asked = server.count("/api/sse/poll");
  await clock.passes(30_000);
  expect(asked).toBe(1);
  expect(server.count("/api/sse/poll")).toBe(1);
});

it("what the leader's welcome brought to a new tab", async () => {
  server.publishesMany(20);
  await clock.passes(100);
  const late = browser.opensATab();
  disconnectsAtOnce(late);
  late.client.connect({ after: `${server.log.epoch}-10` });
  await clock.passes(1_000);
  expect(late.heard).toEqual([11]);
});

it("the stream (each frame on its own)", async () => {
  disconnectsAtOnce(tab);
  server.publishesMany(5);
  await clock.passes(1_000);
  expect(tab.heard).toEqual([1]);
});

it("a handler that disconnects, and connects again later, has lost nothing", async () => {
  forcePolling(tab.client, true);
  await clock.passes(100);
  let first = true;
  tab.client.onEvent(() => {
    if (first) tab.client.disconnect();
    first = false;
  });
  server.publishesMany(5);
  await clock.passes(6_000);
  tab.client.connect();
  await clock.passes(6_000);
  expect(tab.heard).toEqual([1, 2, 3, 4, 5]);
});

it("the last id is that of the last event that was handed over, and the other handlers of that event have it, too", async () => {
  let second = 0;
  forcePolling(tab.client, true);
  await clock.passes(100);
  disconnectsAtOnce(tab);
  tab.client.onEvent(() => {
    second += 1;
  });
  server.publishesMany(5);
  await clock.passes(6_000);
  expect(second).toBe(1);
  expect(tab.client.lastEventId).toBe(`${server.log.epoch}-1`);
});

it("a catch-up of several pages asks for no further page", async () => {
  server.publishesMany(1_600);
  await clock.passes(100);
  const late = browser.opensATab();
  late.client.connect({ after: `${server.log.epoch}-10` });
  disconnectsAtOnce(late);
  await clock.passes(1_000);
  const asked = server.count("/api/sse/poll");
  await clock.passes(30_000);
  expect(late.heard).toEqual([11]);
  expect(asked).toBe(1);
  expect(server.count("/api/sse/poll")).toBe(1);
});

it("a store subscriber that disconnects at the moment of taking the lead leaves no lock and no stream", async () => {
  const late = browser.opensATab();
  late.client.store.subscribe(({ role }) => {
    if (role === "leader") late.client.disconnect();
  });
  late.client.connect();
  await clock.passes(100);
  tab.client.disconnect();
  await clock.passes(1_000);
  expect(browser.leader).toBeUndefined();
  expect(server.streams.size).toBe(0);
});

it("`after` counts at the first connection only", async () => {
  server.publishesMany(3);
  await clock.passes(20);
  tab.client.disconnect();
  server.publishesMany(1);
  tab.client.connect({ after: `${server.log.epoch}-0` });
  await clock.passes(100);
  expect(tab.heard).toEqual([1, 2, 3, 4]);
});
