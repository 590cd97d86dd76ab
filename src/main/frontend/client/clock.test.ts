import { beforeEach, describe, expect, it } from "vitest";
import { FakeBrowser, type FakeTab } from "./testing/fake-browser.js";
import { FakeClock } from "./testing/fake-clock.js";
import { FakeServer } from "./testing/fake-server.js";

const HOUR = 3_600_000;
let clock: FakeClock;
let server: FakeServer;
let browser: FakeBrowser;

const connected = async (after?: string): Promise<FakeTab> => {
  const tab = browser.opensATab();
  tab.client.connect(after === undefined ? {} : { after });
  await clock.passes(200);
  expect(tab.client.status).toBe("connected");
  return tab;
};
beforeEach(() => {
  clock = new FakeClock();
  server = new FakeServer(clock);
  browser = new FakeBrowser(clock, server);
});

describe.each([
  ["an hour back", -HOUR],
  ["a day forward", 24 * HOUR],
])("the wall clock is set %s", (_, step) => {
  it("a step, then a black hole: not connected 60 s later", async () => {
    const tab = await connected();
    clock.steps(step);
    server.vanishesWithoutAWord();
    await clock.passes(60_000);
    expect(tab.client.status).not.toBe("connected");
  });

  it("a step with a live line, a black hole a minute later: the watchdog finds it", async () => {
    const tab = await connected();
    clock.steps(step);
    await clock.passes(60_000);
    server.vanishesWithoutAWord();
    await clock.passes(60_000);
    expect(tab.client.status).not.toBe("connected");
  });

  it("a step with a live line: after a minute the proof is seconds old, not in the future", async () => {
    const tab = await connected();
    clock.steps(step);
    await clock.passes(60_000);
    const { lastProofAt } = tab.client.store.getState();
    expect(lastProofAt).toBeLessThanOrEqual(clock.now());
  });

  it("… and words of doubt come when the line dies after it", async () => {
    const tab = await connected();
    clock.steps(step);
    await clock.passes(60_000);
    server.vanishesWithoutAWord();
    await clock.passes(36_000);
    // 36 s of silence: still 'connected' by the watchdog's rule, but 1.5 keepalives are over.
    expect(tab.client.heardMillis).toBeGreaterThan(1.5 * 15_000);
  });

  it("a step, and the leader hangs at once: it is replaced", async () => {
    const first = await connected();
    await connected();
    expect(browser.leader).toBe(first);
    clock.steps(step);
    first.freezes(false);
    await clock.passes(60_000);
    expect(browser.leader).not.toBe(first);
  });

  it("a step, black hole, somebody looks at the page: found within 6 s", async () => {
    const tab = await connected();
    await clock.passes(5_000);
    clock.steps(step);
    server.vanishesWithoutAWord();
    tab.happens("visibilitychange");
    await clock.passes(6_000);
    expect(tab.client.status).not.toBe("connected");
  });

  it("a step while the line is down: 'last heard' is not '0 s ago' for an hour", async () => {
    const tab = await connected();
    server.goesDown();
    await clock.passes(1_000);
    clock.steps(step);
    await clock.passes(60_000);
    expect(tab.client.heardMillis).toBeGreaterThan(60_000);
  });

  it("a step after an earlier catch-up: the next gap of a tab is filled within seconds", async () => {
    server.publishesMany(300);
    await connected();
    const late = await connected(`${server.log.epoch}-10`);
    expect(late.heard).toHaveLength(290);
    late.client.disconnect();
    server.publishesMany(300);
    await clock.passes(100);
    clock.steps(step);
    late.client.connect();
    await clock.passes(60_000);
    expect(late.heard).toHaveLength(590);
  });

  it("the same in the leader's own stream (PollLoop.fillGap)", async () => {
    const tab = await connected();
    server.forgetsToSend(1);
    server.publishesMany(2);
    await clock.passes(1_000);
    expect(tab.heard).toEqual([1, 2]);
    clock.steps(step);
    server.forgetsToSend(1);
    server.publishesMany(2);
    await clock.passes(60_000);
    expect(tab.heard).toEqual([1, 2, 3, 4]);
  });

  it("a step of the clock alone changes no status, opens no stream and makes nothing look old", async () => {
    const [one, other] = [await connected(), await connected()];
    const before = server.streams.size;
    clock.steps(step);
    await clock.passes(60_000);
    expect(server.streams.size).toBe(before);
    expect(server.requests.filter(({ path }) => path === "/api/sse")).toHaveLength(1);
    expect(one.statuses).toEqual(["reconnecting", "connected"]);
    expect(other.statuses).toEqual(["reconnecting", "connected"]);
    expect(one.client.heardMillis).toBeLessThan(16_000);
  });

  it("after a sleep that only the wall clock shows, a dead stream is polled beside within seconds", async () => {
    const tab = await connected();
    server.streams.clear();
    server.publishesMany(3);
    clock.steps(Math.abs(step));
    await clock.passes(2_000);
    expect(tab.heard).toEqual([1, 2, 3]);
    server.publishesMany(1);
    await clock.passes(6_000);
    expect(tab.heard).toEqual([1, 2, 3, 4]);
  });
});
