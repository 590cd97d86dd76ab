import { beforeEach, describe, expect, it } from "vitest";
import { FakeBrowser, type FakeTab } from "./testing/fake-browser.js";
import { FakeClock } from "./testing/fake-clock.js";
import { FakeServer } from "./testing/fake-server.js";

let clock: FakeClock;
let server: FakeServer;
let browser: FakeBrowser;

const state = (tab: FakeTab) => {
  const { status, refusal, identity } = tab.client.store.getState();
  return [status, refusal, identity];
};

describe.each([
  ["locks", true, false],
  ["a worker", false, true],
  ["nothing", false, false],
])("tabs that share by %s", (_by, hasLocks, hasWorkers) => {
  let tabs: FakeTab[];

  beforeEach(async () => {
    clock = new FakeClock();
    server = new FakeServer(clock);
    browser = new FakeBrowser(clock, server);
    browser.hasWorkers = hasWorkers;
    server.signsIn("kari");
    tabs = [];
    for (let n = 0; n < 3; n += 1) {
      const tab = browser.opensATab({}, hasLocks);
      tab.client.connect();
      await clock.passes(200);
      tabs.push(tab);
    }
    server.publishesMany(2);
    await clock.passes(100);
  });

  it.each([0, 2])("signing out in tab %i ends the streams and disconnects all", async (n) => {
    tabs[n]?.client.signOut();
    await clock.passes(100);
    expect(server.streams.size).toBe(0);
    const before = server.requests.length;
    for (const tab of tabs) tab.happens("visibilitychange");
    await clock.passes(600_000);
    for (const tab of tabs) {
      expect(state(tab)).toEqual(["disconnected", "sign_in", null]);
      expect(tab.client.recent()).toEqual([]);
    }
    expect(server.requests.length).toBe(before);
  });

  it("a tab that connects again gets a stream, and only that tab", async () => {
    const [one, two, three] = tabs as [FakeTab, FakeTab, FakeTab];
    one.client.signOut();
    await clock.passes(100);
    server.signsIn("ola");
    two.client.connect();
    expect(state(two)).toEqual(["reconnecting", null, null]);
    await clock.passes(1_000);
    server.publishesMany(1);
    await clock.passes(100);
    expect(state(two)).toMatchObject(["connected", null, { name: "ola" }]);
    expect(two.heard).toEqual([1, 2, "reset", 3]);
    for (const tab of [one, three]) {
      expect(state(tab)).toEqual(["disconnected", "sign_in", null]);
      expect(tab.heard).toEqual([1, 2]);
    }
  });

  it("the same user who comes back gets a reset, because what was before was forgotten", async () => {
    const [one] = tabs as [FakeTab];
    one.client.signOut();
    await clock.passes(100);
    one.client.connect();
    await clock.passes(1_000);
    expect(one.heard).toEqual([1, 2, "reset"]);
    expect(state(one)).toMatchObject(["connected", null, { name: "kari" }]);
  });

  it("a tab that is not connected can sign the others out", async () => {
    const [one, two, three] = tabs as [FakeTab, FakeTab, FakeTab];
    one.client.disconnect();
    one.client.signOut();
    await clock.passes(100);
    for (const tab of [one, two, three]) {
      expect(state(tab)).toEqual(["disconnected", "sign_in", null]);
    }
    expect(server.streams.size).toBe(0);
  });
});

it("signing out where channels are forbidden ends this tab's stream", async () => {
  clock = new FakeClock();
  server = new FakeServer(clock);
  const tab = new FakeBrowser(clock, server).opensATab();
  Object.assign(tab.environment, {
    openChannel: () => {
      throw new Error("forbidden");
    },
  });
  tab.client.connect();
  await clock.passes(200);
  expect(tab.client.status).toBe("connected");
  tab.client.signOut();
  await clock.passes(100);
  expect(tab.client.status).toBe("disconnected");
  expect(server.streams.size).toBe(0);
});
