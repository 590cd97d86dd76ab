import { beforeEach, describe, expect, it } from "vitest";
import { sharedName } from "./endpoint.js";
import { FakeBrowser, type FakeTab } from "./testing/fake-browser.js";
import { FakeClock } from "./testing/fake-clock.js";
import { FakeServer } from "./testing/fake-server.js";

let clock: FakeClock;
let server: FakeServer;
let browser: FakeBrowser;

beforeEach(() => {
  clock = new FakeClock();
  server = new FakeServer(clock);
  browser = new FakeBrowser(clock, server);
});

async function tabOpens(after?: string): Promise<FakeTab> {
  const tab = browser.opensATab({}, !browser.hasWorkers);
  tab.client.connect({ after });
  await clock.passes(100);
  return tab;
}

async function eventsArriveFor(millis: number): Promise<void> {
  for (let passed = 0; passed < millis; passed += 100) {
    server.publishesMany(1);
    await clock.passes(100);
  }
}

const sharingOf = (tabs: FakeTab[]) => tabs.map(({ client }) => client.store.getState().sharing);
const channelsOf = (tab: FakeTab) => [...browser.channels].filter((one) => one.tab === tab).length;

describe("a page that is suspended", () => {
  it("keeps no channel open, and opens them again", async () => {
    await tabOpens();
    const follower = await tabOpens();
    const before = channelsOf(follower);
    expect(before).toBeGreaterThan(0);
    follower.freezes();
    expect(channelsOf(follower)).toBe(0);
    await eventsArriveFor(1_000);
    follower.thaws();
    await clock.passes(100);
    expect(channelsOf(follower)).toBe(before);
    expect(follower.heard).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it("is out of the back-forward cache what it was before", async () => {
    const tab = await tabOpens();
    tab.happens("pagehide");
    expect(server.streams.size).toBe(0);
    server.publishesMany(2);
    tab.happens("pageshow");
    await clock.passes(100);
    expect(tab.client.status).toBe("connected");
    expect(tab.heard).toEqual([1, 2]);
  });
});

it("the welcome goes to the tab that asked, and to no other", async () => {
  const welcomes: string[] = [];
  const listens = (tab: FakeTab, name: string) => {
    const { openChannel } = tab.environment;
    Object.assign(tab.environment, {
      openChannel: (channel: string) => {
        const opened = openChannel?.(channel);
        if (!opened) throw new Error("no channel");
        let receive: typeof opened.onmessage = null;
        opened.onmessage = (message) => {
          if (message.data.kind === "welcome") welcomes.push(name);
          receive?.(message);
        };
        return {
          set onmessage(run: typeof opened.onmessage) {
            receive = run;
          },
          postMessage: (message: unknown) => opened.postMessage(message),
          close: () => opened.close(),
        };
      },
    });
  };
  await tabOpens();
  const tabs = [browser.opensATab(), browser.opensATab()];
  for (const [n, tab] of tabs.entries()) listens(tab, `tab ${n}`);
  for (const tab of tabs) {
    tab.client.connect();
    await clock.passes(100);
  }
  expect(welcomes).toEqual(["tab 0", "tab 1"]);
});

it("a tab that lost its place in the log takes the lead without resetting the others", async () => {
  const leader = await tabOpens();
  server.publishesMany(300);
  await clock.passes(100);
  server.answersPollsWith(500);
  const lost = await tabOpens(`${server.log.epoch}-10`);
  const other = await tabOpens();
  server.log.trimTo(50);
  leader.closes();
  await clock.passes(100);
  expect(browser.leader).toBe(lost);
  server.publishesMany(1);
  server.answersPollsWith(200);
  await clock.passes(30_000);
  expect(other.heard).toEqual([301]);
  expect(lost.heard[0]).toBe("reset");
  expect(lost.heard.slice(1)).toEqual(Array.from({ length: 51 }, (_, n) => 251 + n));
  expect(other.client.status).toBe("connected");
});

it("a leader that is busy for 2 s at a tab switch keeps the lead", async () => {
  const leader = await tabOpens();
  const follower = await tabOpens();
  leader.freezes(false);
  follower.happens("visibilitychange");
  await clock.passes(1_000);
  follower.happens("visibilitychange");
  await clock.passes(1_000);
  leader.thaws();
  await clock.passes(5_000);
  expect(browser.leader).toBe(leader);
  expect(server.requests.filter(({ path }) => path === "/api/sse")).toHaveLength(1);
});

it("a tab that leads without having heard of the leader before it is believed by the others", async () => {
  await tabOpens();
  await tabOpens();
  // Three changes of the leader: the term is beyond what a new tab begins with.
  for (let n = 0; n < 3; n += 1) {
    browser.leader?.closes();
    await clock.passes(100);
    await tabOpens();
  }
  const [follower] = browser.tabs.filter((tab) => tab !== browser.leader).slice(-1);
  browser.leader?.freezes(false);
  const stranger = browser.opensATab();
  // It asks, is not answered, and is the first to take the lock.
  Object.assign(stranger.environment, { random: () => 0 });
  Object.assign(follower?.environment ?? {}, { random: () => 1 });
  stranger.client.connect();
  await clock.passes(8_000);
  server.publishesMany(3);
  await clock.passes(1_000);
  expect(stranger.heard).toEqual([1, 2, 3]);
  expect(follower?.heard).toEqual([1, 2, 3]);
  expect(server.count("/api/sse/poll")).toBeLessThan(5);
});

describe("a worker that leads", () => {
  beforeEach(() => {
    browser.hasWorkers = true;
  });

  it("ends its stream when the last tab is closed", async () => {
    const tabs = [await tabOpens(), await tabOpens()];
    expect(server.streams.size).toBe(1);
    for (const tab of tabs) tab.closes();
    await clock.passes(100);
    expect(server.streams.size).toBe(0);
  });

  it("forgets a tab that crashed", async () => {
    const [crashed, other] = [await tabOpens(), await tabOpens()];
    crashed.crashes();
    other.client.disconnect();
    await clock.passes(310_000);
    expect(server.streams.size).toBe(0);
  });

  it("keeps a tab that is there and hears events all the time", async () => {
    const tab = await tabOpens();
    await eventsArriveFor(400_000);
    expect(server.streams.size).toBe(1);
    expect(tab.heard).toHaveLength(4_000);
  });

  it("is given up when it hangs, and taken again when it answers", async () => {
    const tabs = [await tabOpens(), await tabOpens()];
    await eventsArriveFor(1_000);
    browser.worker.host.freezes(false);
    await eventsArriveFor(30_000);
    expect(sharingOf(tabs)).toEqual(["none", "none"]);
    for (const tab of tabs) expect(tab.heard).toHaveLength(310);
    browser.worker.host.thaws();
    await eventsArriveFor(130_000);
    await clock.passes(6_000);
    expect(sharingOf(tabs)).toEqual(["worker", "worker"]);
    expect(server.streams.size).toBe(1);
    for (const tab of tabs) expect(tab.heard).toEqual(tabs[0]?.heard);
    expect(tabs[0]?.heard).toEqual(Array.from({ length: 1_610 }, (_, n) => n + 1));
  });

  it.each([-3_600_000, 86_400_000])(
    "and its clock is set by %i ms: the next one is believed",
    async (step) => {
      const tab = await tabOpens();
      clock.steps(step);
      browser.theWorkerCrashes();
      await eventsArriveFor(10_000);
      expect(tab.heard).toHaveLength(100);
      expect(server.streams.size).toBe(1);
      expect(sharingOf([tab])).toEqual(["worker"]);
    },
  );
});

it("tabs share only with the same address, credentials, kind of identity and subject", () => {
  const endpoint = {
    url: "http://samband.test/api/sse",
    withCredentials: false,
    byToken: false,
    subject: "a",
  };
  const names = [
    endpoint,
    { ...endpoint, url: "http://samband.test/other" },
    { ...endpoint, withCredentials: true },
    { ...endpoint, byToken: true },
    { ...endpoint, subject: "b" },
  ].map(sharedName);
  expect(new Set(names).size).toBe(5);
});
