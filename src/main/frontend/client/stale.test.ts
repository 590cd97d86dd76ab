import { beforeEach, expect, it } from "vitest";
import { moveDelay } from "./policy.js";
import { FakeBrowser, type FakeTab } from "./testing/fake-browser.js";
import { FakeClock } from "./testing/fake-clock.js";
import { FakeServer } from "./testing/fake-server.js";

let clock: FakeClock;
let server: FakeServer;
let browser: FakeBrowser;
let tab: FakeTab;
/** What the badge has said of the log, without repetitions. */
let logs: string[];

const streamTimes = () =>
  server.requests.filter(({ path }) => path === "/api/sse").map(({ at }) => at);
const streams = () => streamTimes().length;
const state = (one = tab) => one.client.store.getState();
const nodeOfTheStream = () => [...server.streams][0]?.node ?? -1;

const opens = async (): Promise<FakeTab> => {
  const opened = browser.opensATab();
  opened.client.connect();
  await clock.passes(100);
  return opened;
};

beforeEach(async () => {
  clock = new FakeClock();
  server = new FakeServer(clock);
  server.isServedBy(3);
  browser = new FakeBrowser(clock, server);
  tab = await opens();
  logs = [state().log];
  tab.client.store.subscribe(({ log }) => {
    if (log !== logs.at(-1)) logs.push(log);
  });
});

it.each([
  [false, 0, 10_000],
  [false, 1, 20_000],
  [true, 0, 30_000],
  [true, 1, 60_000],
])(
  "a client that has moved (%s) waits, with a random number of %d, for %d ms",
  (moved, random, delay) => {
    expect(moveDelay(moved, () => random)).toBe(delay);
  },
);

it("a client whose node is cut off moves to another, and loses and repeats nothing", async () => {
  const left = nodeOfTheStream();
  server.publishesMany(2);
  server.nodesLoseTheLog(left);
  await clock.passes(4_000);
  server.publishesMany(3);
  await clock.passes(1_000);
  expect(state()).toMatchObject({ status: "connected", log: "stale" });
  expect(tab.heard).toEqual([1, 2]);
  await clock.passes(20_000);
  expect(nodeOfTheStream()).not.toBe(left);
  expect(server.streams.size).toBe(1);
  expect(streams()).toBe(2);
  expect(tab.heard).toEqual([1, 2, 3, 4, 5]);
  expect(tab.statuses).toEqual(["reconnecting", "connected"]);
  expect(logs).toEqual(["ok", "stale", "ok"]);
});

it("it stays there, and moves again when that node is cut off, too", async () => {
  server.nodesLoseTheLog(nodeOfTheStream());
  await clock.passes(300_000);
  expect(streams()).toBe(2);
  server.nodesLoseTheLog(nodeOfTheStream());
  await clock.passes(25_000);
  expect(streams()).toBe(3);
  expect(state()).toMatchObject({ status: "connected", log: "ok" });
});

it("the old stream is closed only after the hello of the new one", async () => {
  server.nodesLoseTheLog(nodeOfTheStream());
  while (streams() < 2) await clock.passes(1);
  for (let n = 0; n < 20; n += 1) {
    expect(server.streams.size).toBeGreaterThanOrEqual(1);
    await clock.passes(1);
  }
  expect(server.streams.size).toBe(1);
});

it("if all nodes are cut off, a client asks once within 25 s and then once in 30 s at most, and its badge keeps still", async () => {
  const before = streams();
  const at = clock.now();
  server.nodesLoseTheLog();
  await clock.passes(1_800_000);
  const times = streamTimes().slice(before);
  const pauses = times.map((time, n) => time - (times[n - 1] ?? at));
  expect(pauses.length).toBeGreaterThan(25);
  expect(pauses[0]).toBeGreaterThanOrEqual(12_900);
  expect(pauses[0]).toBeLessThanOrEqual(25_000);
  expect(Math.min(...pauses.slice(1))).toBeGreaterThanOrEqual(30_000);
  expect(Math.max(...pauses.slice(1))).toBeLessThanOrEqual(61_000);
  expect(server.streams.size).toBe(1);
  expect(state().logSince).toBeCloseTo(at, -2);
  expect(logs).toEqual(["ok", "stale"]);
  expect(tab.statuses).toEqual(["reconnecting", "connected"]);
  server.nodesFindTheLog();
  server.publishesMany(1);
  await clock.passes(100);
  expect(tab.heard).toEqual([1]);
  expect(logs).toEqual(["ok", "stale", "ok"]);
});

it("browsers do not move at the same time", async () => {
  const times = new Set<number>();
  for (let n = 0; n < 10; n += 1) {
    const other = new FakeServer(clock);
    for (let skip = 0; skip < n; skip += 1) browser.random();
    const one = new FakeBrowser(clock, other).opensATab();
    Object.assign(one.environment, { random: () => browser.random() });
    one.client.connect();
    await clock.passes(100);
    other.nodesLoseTheLog();
    const at = clock.now();
    await clock.passes(25_000);
    times.add((other.requests.at(-1)?.at ?? 0) - at);
  }
  expect(times.size).toBe(10);
});

it("a log that fails moves nobody", async () => {
  server.logBecomes("failing");
  await clock.passes(300_000);
  expect(state()).toMatchObject({ status: "connected", log: "failing" });
  expect(streams()).toBe(1);
});

it("a node that is back within 10 s keeps its clients, and the next time they wait as long as the first time", async () => {
  for (let n = 0; n < 20; n += 1) {
    server.nodesLoseTheLog();
    await clock.passes(12_000);
    expect(state().log).toBe("stale");
    server.nodesFindTheLog();
    await clock.passes(3_000);
    expect(state().log).toBe("ok");
  }
  expect(streams()).toBe(1);
});

it("when a node is back after a client has looked in vain, it is not looked for another", async () => {
  server.nodesLoseTheLog();
  await clock.passes(30_000);
  expect(streams()).toBe(2);
  server.nodesFindTheLog();
  await clock.passes(300_000);
  expect(streams()).toBe(2);
  server.nodesLoseTheLog();
  await clock.passes(25_000);
  expect(streams()).toBe(3);
});

it.each([
  ["is refused", () => server.refusesNewStreams(503)],
  ["stays empty", () => server.leavesNewStreamsEmpty()],
])(
  "if the new stream %s, the old one goes on, and it is tried again 30-60 s later",
  async (_, fails) => {
    fails();
    server.nodesLoseTheLog(nodeOfTheStream());
    await clock.passes(25_000);
    expect(streams()).toBe(2);
    expect(state()).toMatchObject({ status: "connected", log: "stale" });
    const failed = streamTimes()[1] ?? 0;
    server.refusesNewStreams(200);
    server.leavesNewStreamsEmpty(false);
    while (streams() < 3) await clock.passes(100);
    expect(clock.now() - failed).toBeGreaterThanOrEqual(30_000);
    expect(clock.now() - failed).toBeLessThanOrEqual(66_000);
    await clock.passes(1_200);
    expect(logs).toEqual(["ok", "stale", "ok"]);
    expect(tab.statuses).toEqual(["reconnecting", "connected"]);
  },
);

it("if the node is back after a new stream has failed, no other is tried", async () => {
  server.refusesNewStreams(503);
  server.nodesLoseTheLog();
  await clock.passes(25_000);
  expect(streams()).toBe(2);
  server.nodesFindTheLog();
  await clock.passes(300_000);
  expect(streams()).toBe(2);
});

it("a stream that is held until its cursor can be judged is ended by drain, and goes on without a reset", async () => {
  const resets: string[] = [];
  tab.client.onReset(({ reason }) => resets.push(reason));
  const [here = 0] = [nodeOfTheStream()];
  // The other nodes are cut off first, so they know less than the client.
  server.nodesLoseTheLog(...[0, 1, 2].filter((node) => node !== here));
  server.publishesMany(3);
  await clock.passes(1_000);
  server.nodesLoseTheLog(here);
  await clock.passes(60_000);
  // One move later it may be anywhere; the stream of the tab is where it has to wait.
  while (nodeOfTheStream() === here) await clock.passes(1_000);
  expect([...server.streams].map(({ isHeld }) => isHeld)).toEqual([true]);
  expect(state()).toMatchObject({ status: "connected", log: "stale" });
  server.nodesFindTheLog();
  server.publishesMany(1);
  await clock.passes(5_000);
  expect(tab.heard).toEqual([1, 2, 3, 4]);
  expect(resets).toEqual([]);
  expect(tab.statuses).toEqual(["reconnecting", "connected"]);
  expect(logs).toEqual(["ok", "stale", "ok"]);
});

it("one tab looks for another node, and all are told", async () => {
  const follower = await opens();
  server.nodesLoseTheLog();
  await clock.passes(25_000);
  expect(streams()).toBe(2);
  expect(state(follower)).toMatchObject({ status: "connected", log: "stale", role: "follower" });
  server.nodesFindTheLog();
  server.publishesMany(1);
  await clock.passes(2_000);
  for (const one of [tab, follower]) {
    expect(state(one).log).toBe("ok");
    expect(one.heard).toEqual([1]);
  }
});

it("while a stream is up, a poll that another node answers does not say how the stream's node is", async () => {
  server.forgetsToSend(1);
  server.balancerChecks = false;
  const here = nodeOfTheStream();
  server.nodesLoseTheLog(...[0, 1, 2].filter((node) => node !== here));
  await clock.passes(4_000);
  server.publishesMany(2);
  await clock.passes(20_000);
  expect(server.count("/api/sse/poll")).toBeGreaterThan(1);
  expect(tab.heard).toEqual([1, 2]);
  expect(logs).toEqual(["ok"]);
});

it("without a stream, polls say how the log is", async () => {
  server.answersStreamsWith(503);
  server.nodesLoseTheLog();
  await clock.passes(60_000);
  expect(state()).toMatchObject({ status: "polling", log: "stale" });
});

it("an identity is renewed in time, however often the client looks for another node", async () => {
  const life = 600_000;
  server.signsIn("kari", { expiresInMillis: life });
  tab.client.reconnect();
  await clock.passes(100);
  const before = streams();
  server.nodesLoseTheLog();
  await clock.passes(12_000);
  server.nodesFindTheLog();
  await clock.passes(0.7 * life);
  expect(streams()).toBe(before);
  server.signsIn("kari", { expiresInMillis: life });
  await clock.passes(0.25 * life);
  expect(streams()).toBe(before + 1);
  expect(state().refusal).toBeNull();
});

it("disconnecting leaves no timer behind", async () => {
  server.nodesLoseTheLog();
  await clock.passes(5_000);
  tab.client.disconnect();
  await clock.passes(1_000);
  // The server's keepalive.
  expect(clock.pending).toBe(1);
});
