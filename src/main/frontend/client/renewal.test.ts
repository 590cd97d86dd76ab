import { beforeEach, expect, it } from "vitest";
import { renewalDelay } from "./policy.js";
import { FakeBrowser, type FakeTab } from "./testing/fake-browser.js";
import { FakeClock } from "./testing/fake-clock.js";
import { FakeServer } from "./testing/fake-server.js";

const LIFE = 300_000;

let clock: FakeClock;
let server: FakeServer;
let browser: FakeBrowser;
let tab: FakeTab;

const streams = () => server.requests.filter(({ path }) => path === "/api/sse");

beforeEach(async () => {
  clock = new FakeClock();
  server = new FakeServer(clock);
  browser = new FakeBrowser(clock, server);
  server.signsIn("kari", { expiresInMillis: LIFE });
  tab = browser.opensATab();
  tab.client.connect();
  await clock.passes(100);
});

/** The login application renews the cookie all the time. */
const cookieIsRenewed = () => server.signsIn("kari", { expiresInMillis: LIFE });

/** To the millisecond: it has not said `hello`. */
const theNextStreamIsOpened = async () => {
  await clock.passes(0.79 * LIFE);
  while (streams().length < 2) await clock.passes(1);
};

it.each([
  [0, 300_000, 240_000],
  [1, 300_000, 300_000],
  [0.5, 300_000, 270_000],
  [0, 2_000, 10_000],
  [1, 0, 10_000],
  [1, 86_400_000 * 365, 2 ** 31 - 1],
])("with a random number of %d and %d ms left, the renewal is in %d ms", (random, left, delay) => {
  expect(renewalDelay(left, () => random)).toBe(delay);
});

it("the stream is renewed in the last 20 % of the life, without a change of state", async () => {
  await clock.passes(0.5 * LIFE);
  cookieIsRenewed();
  const begun = streams()[0]?.at ?? 0;
  await clock.passes(0.5 * LIFE);
  expect(streams()).toHaveLength(2);
  const age = (streams()[1]?.at ?? 0) - begun;
  expect(age).toBeGreaterThanOrEqual(0.79 * LIFE);
  expect(age).toBeLessThanOrEqual(LIFE);
  expect(server.streams.size).toBe(1);
  expect(tab.statuses).toEqual(["reconnecting", "connected"]);
  expect(tab.heard).toEqual([]);
});

it("tabs renew at different times", async () => {
  const times = new Set<number>();
  for (let n = 0; n < 10; n += 1) {
    const other = new FakeServer(clock);
    other.signsIn("kari", { expiresInMillis: LIFE });
    for (let skip = 0; skip < n; skip += 1) browser.random();
    const one = new FakeBrowser(clock, other).opensATab();
    Object.assign(one.environment, { random: () => browser.random() });
    one.client.connect();
    await clock.passes(0.75 * LIFE);
    other.signsIn("kari", { expiresInMillis: LIFE });
    await clock.passes(0.25 * LIFE);
    times.add(other.requests.at(-1)?.at ?? 0);
  }
  expect(times.size).toBe(10);
});

it("the old stream is closed only after the hello of the new one", async () => {
  cookieIsRenewed();
  await theNextStreamIsOpened();
  for (let n = 0; n < 20; n += 1) {
    expect(server.streams.size).toBeGreaterThanOrEqual(1);
    await clock.passes(1);
  }
  expect(streams()).toHaveLength(2);
  expect(server.streams.size).toBe(1);
});

it("no event is lost or doubled while streams are renewed for an hour", async () => {
  const other = browser.opensATab();
  other.client.connect();
  for (let n = 0; n < 3_600; n += 1) {
    if (n % 60 === 0) cookieIsRenewed();
    server.publishesMany(1);
    if (n % 3 === 0) server.publishesTo("ola");
    await clock.passes(1_000);
  }
  await clock.passes(20_000);
  expect(streams().length).toBeGreaterThan(12);
  expect(streams().length).toBeLessThan(20);
  for (const one of [tab, other]) {
    expect(one.heard).toHaveLength(3_600);
    expect(one.heard).toEqual([...new Set(one.heard)]);
    expect(one.statuses).toEqual(["reconnecting", "connected"]);
  }
  expect(server.count("/api/sse/poll")).toBe(0);
});

it("a renewal that fails is tried again 30-60 s later, and the old stream goes on", async () => {
  server.signsIn("kari", { expiresInMillis: 3_600_000 });
  tab.client.reconnect();
  await clock.passes(0.75 * 3_600_000);
  const before = streams().length;
  // Only new streams fail.
  server.refusesNewStreams(503);
  await clock.passes(0.24 * 3_600_000);
  const tried = streams().length - before;
  expect(tried).toBeGreaterThan(1);
  expect(tried).toBeLessThan(30);
  expect(tab.statuses).toEqual(["reconnecting", "connected", "reconnecting", "connected"]);
  server.refusesNewStreams(200);
  server.signsIn("kari", { expiresInMillis: 3_600_000 });
  server.publishesMany(1);
  await clock.passes(70_000);
  expect(tab.heard).toEqual([1]);
  expect(tab.client.status).toBe("connected");
});

it("an identity that is not renewed ends as sign_in after the server's expired", async () => {
  await clock.passes(LIFE + 20_000);
  expect(tab.client.store.getState()).toMatchObject({
    status: "disconnected",
    refusal: "sign_in",
    identity: null,
  });
  cookieIsRenewed();
  tab.happens("visibilitychange");
  await clock.passes(1_000);
  expect(tab.client.status).toBe("connected");
});

it("an identity with 2 s left does not loop", async () => {
  server.signsIn("kari", { expiresInMillis: 2_000 });
  tab.client.reconnect();
  const before = server.requests.length;
  for (let n = 0; n < 600; n += 1) {
    server.signsIn("kari", { expiresInMillis: 2_000 });
    await clock.passes(100);
  }
  expect(server.requests.length - before).toBeLessThanOrEqual(8);
});

it("a stream that breaks while the next one is opened is replaced by it", async () => {
  cookieIsRenewed();
  await theNextStreamIsOpened();
  for (const stream of server.streams) stream.breaks();
  server.publishesMany(1);
  await clock.passes(100);
  expect(tab.heard).toEqual([1]);
  expect(tab.client.status).toBe("connected");
  expect(streams()).toHaveLength(2);
});

it("a next stream that never says hello is given up after 5 s, and tried again 30-60 s later", async () => {
  server.signsIn("kari", { expiresInMillis: 3_600_000 });
  tab.client.reconnect();
  await clock.passes(100);
  server.signsIn("kari", { expiresInMillis: 7_200_000 });
  server.leavesNewStreamsEmpty();
  while (streams().length < 3) await clock.passes(1_000);
  await clock.passes(6_000);
  server.leavesNewStreamsEmpty(false);
  server.publishesMany(1);
  await clock.passes(20_000);
  expect(streams()).toHaveLength(3);
  await clock.passes(40_000);
  expect(streams()).toHaveLength(4);
  expect(tab.heard).toEqual([1]);
  expect(tab.statuses).toEqual(["reconnecting", "connected", "reconnecting", "connected"]);
  expect(server.streams.size).toBe(1);
});

it("disconnecting leaves no timer behind", async () => {
  const before = clock.pending;
  tab.client.disconnect();
  await clock.passes(1_000);
  // The server's keepalive, and the end of the stream that it no longer has.
  expect(before).toBeGreaterThan(2);
  expect(clock.pending).toBe(2);
});

it("disconnecting while the next stream is opened leaves nothing behind", async () => {
  cookieIsRenewed();
  await theNextStreamIsOpened();
  tab.client.disconnect();
  await clock.passes(1_000);
  expect(server.streams.size).toBe(0);
  expect(clock.pending).toBeLessThanOrEqual(3);
});

it("a renewal with another user's cookie is a change of user", async () => {
  const resets: string[] = [];
  tab.client.onReset(({ reason }) => resets.push(reason));
  server.publishesMany(2);
  await clock.passes(100);
  server.signsIn("ola", { expiresInMillis: LIFE });
  await clock.passes(LIFE);
  expect(resets).toEqual(["user"]);
  expect(tab.statuses).toEqual(["reconnecting", "connected"]);
});

it("a browser's clock that is an hour wrong changes nothing", async () => {
  clock.steps(-3_600_000);
  await clock.passes(0.5 * LIFE);
  cookieIsRenewed();
  clock.steps(7_200_000);
  await clock.passes(0.5 * LIFE + 1_000);
  expect(streams()).toHaveLength(2);
  expect(tab.statuses).toEqual(["reconnecting", "connected"]);
});
