import { beforeEach, describe, expect, it } from "vitest";
import { forcePolling } from "./debug.js";
import type { Environment } from "./environment.js";
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

async function tabsOpen(count: number): Promise<FakeTab[]> {
  for (let n = 0; n < count; n += 1) {
    browser.opensATab().client.connect();
    await clock.passes(20);
  }
  await clock.passes(100);
  return browser.tabs;
}

/** Fifty events a second, for so long. */
async function eventsArriveFor(millis: number): Promise<void> {
  for (let passed = 0; passed < millis; passed += 20) {
    server.publishesMany(1);
    await clock.passes(20);
  }
}

const leaderOf = () => {
  const { leader } = browser;
  if (!leader) throw new Error("nobody leads");
  return leader;
};
const forcePollingIn = (tab: FakeTab | undefined) => tab && forcePolling(tab.client, true);
const followersOf = (tabs: FakeTab[]) => tabs.filter((tab) => tab !== browser.leader);
const numbers = (tab: FakeTab) => tab.heard.filter((one) => one !== "reset");
const inOrderAndOnce = (tab: FakeTab) => {
  const heard = numbers(tab);
  const first = heard[0] ?? 0;
  expect(heard).toEqual(heard.map((_, index) => first + index));
};

describe("ten tabs", () => {
  it("have one connection, and every tab hears every event", async () => {
    const tabs = await tabsOpen(10);
    await eventsArriveFor(1_000);
    expect(server.streams.size).toBe(1);
    for (const tab of tabs) expect(tab.heard).toHaveLength(50);
    expect(server.count("/api/sse/poll")).toBe(0);
  });

  it("know the true state, whoever leads", async () => {
    const tabs = await tabsOpen(3);
    server.goesDown();
    await clock.passes(100);
    expect(tabs.map(({ client }) => client.status)).toEqual(Array(3).fill("reconnecting"));
    await clock.passes(80_000);
    expect(tabs.map(({ client }) => client.status)).toEqual(Array(3).fill("disconnected"));
    server.comesBack();
    await clock.passes(20_000);
    expect(tabs.map(({ client }) => client.status)).toEqual(Array(3).fill("connected"));
  });

  it("hear of a reset, all of them", async () => {
    const tabs = await tabsOpen(3);
    await eventsArriveFor(1_000);
    server.goesDown();
    server.log.loseAll();
    server.publishesMany(2);
    server.comesBack();
    await clock.passes(10_000);
    for (const tab of tabs) expect(tab.heard.slice(50)).toEqual(["reset", 1, 2]);
  });

  it("go through a restart without each of them asking the server", async () => {
    const tabs = await tabsOpen(10);
    await eventsArriveFor(500);
    server.restarts();
    await eventsArriveFor(5_000);
    await clock.passes(100);
    for (const tab of tabs) expect(numbers(tab)).toHaveLength(275);
    for (const tab of tabs) inOrderAndOnce(tab);
    expect(server.count("/api/sse/poll")).toBeLessThan(3);
  });
});

describe("a new tab", () => {
  it("knows at once that the server is down", async () => {
    await tabsOpen(1);
    server.goesDown();
    await clock.passes(80_000);
    const tab = browser.opensATab();
    tab.client.connect();
    await clock.passes(5);
    expect(tab.client.status).toBe("disconnected");
  });

  it("gets the recent events at once, and delivers only what is new", async () => {
    await tabsOpen(1);
    await eventsArriveFor(1_000);
    const tab = browser.opensATab();
    tab.client.connect();
    await clock.passes(5);
    expect(tab.client.status).toBe("connected");
    expect(tab.client.recent()).toHaveLength(50);
    expect(tab.heard).toEqual([]);
    await eventsArriveFor(100);
    expect(tab.heard).toEqual([51, 52, 53, 54, 55]);
  });

  it("with a snapshot that is older than the leader gets what is between from the leader", async () => {
    await tabsOpen(1);
    await eventsArriveFor(1_000);
    const tab = browser.opensATab();
    tab.client.connect({ after: `${server.log.epoch}-40` });
    await clock.passes(50);
    expect(tab.heard).toEqual([41, 42, 43, 44, 45, 46, 47, 48, 49, 50]);
  });

  it("with a snapshot that nobody remembers any more gets it from the server", async () => {
    server.publishesMany(300);
    await tabsOpen(1);
    const tab = browser.opensATab();
    tab.client.connect({ after: `${server.log.epoch}-10` });
    await clock.passes(50);
    expect(tab.heard).toHaveLength(290);
    inOrderAndOnce(tab);
  });
});

it("a tab that cannot be told what it lacks says so, and leaves nothing behind", async () => {
  server.publishesMany(300);
  await tabsOpen(1);
  const before = clock.pending;
  server.answersPollsWith(500);
  const tab = browser.opensATab();
  tab.client.connect({ after: `${server.log.epoch}-10` });
  await clock.passes(500);
  expect(tab.client.store.getState().catchingUp).toBe(true);
  tab.client.disconnect();
  await clock.passes(20);
  expect(clock.pending).toBe(before);
});

describe("while 50 events a second arrive", () => {
  const survivorsHeardAll = (tabs: FakeTab[]) => {
    for (const tab of tabs) {
      inOrderAndOnce(tab);
      expect(numbers(tab).at(-1)).toBe(server.log.newest);
      expect(tab.heard).not.toContain("reset");
    }
  };

  it("the leader closes: another takes over at once", async () => {
    const tabs = await tabsOpen(10);
    await eventsArriveFor(1_000);
    const leader = leaderOf();
    leader.closes();
    await eventsArriveFor(200);
    const others = tabs.filter((tab) => tab !== leader);
    expect(others.map(({ client }) => client.status)).toEqual(Array(9).fill("connected"));
    await clock.passes(50);
    survivorsHeardAll(others);
    expect(server.streams.size).toBe(1);
  });

  it("the leader crashes: another takes over at once", async () => {
    const tabs = await tabsOpen(10);
    await eventsArriveFor(1_000);
    const leader = leaderOf();
    leader.crashes();
    await eventsArriveFor(1_000);
    await clock.passes(50);
    survivorsHeardAll(tabs.filter((tab) => tab !== leader));
    expect(server.streams.size).toBe(1);
  });

  it("the leader is frozen and was told: it hands over before", async () => {
    const tabs = await tabsOpen(3);
    await eventsArriveFor(1_000);
    const leader = leaderOf();
    leader.freezes();
    await eventsArriveFor(200);
    await clock.passes(50);
    survivorsHeardAll(tabs.filter((tab) => tab !== leader));
    leader.thaws();
    await clock.passes(1_000);
    survivorsHeardAll(tabs);
    expect(server.streams.size).toBe(1);
  });

  it("the leader hangs without a word: it is found by its silence, and replaced", async () => {
    const tabs = await tabsOpen(5);
    await eventsArriveFor(1_000);
    const leader = leaderOf();
    leader.freezes(false);
    await eventsArriveFor(7_000);
    expect(browser.leader).not.toBe(leader);
    await clock.passes(50);
    survivorsHeardAll(followersOf(tabs).filter((tab) => tab !== leader));
    leader.thaws();
    await clock.passes(1_000);
    expect(server.streams.size).toBe(1);
    survivorsHeardAll(tabs);
    expect(tabs.filter(({ client }) => client.store.getState().role === "leader")).toHaveLength(1);
  });

  it("a follower is frozen: it is right within a second of waking", async () => {
    const tabs = await tabsOpen(3);
    await eventsArriveFor(1_000);
    const [follower] = followersOf(tabs);
    if (!follower) throw new Error("no follower");
    follower.freezes();
    await eventsArriveFor(20_000);
    follower.thaws();
    await clock.passes(1_000);
    survivorsHeardAll(tabs);
    expect(follower.client.status).toBe("connected");
  });

  it("a frozen tab is not given the lead", async () => {
    const tabs = await tabsOpen(3);
    await eventsArriveFor(100);
    tabs[1]?.freezes();
    tabs[0]?.closes();
    await eventsArriveFor(200);
    expect(browser.leader).toBe(tabs[2]);
    survivorsHeardAll(tabs.slice(2));
  });

  it("everybody is frozen, and the first to wake leads", async () => {
    const tabs = await tabsOpen(3);
    await eventsArriveFor(1_000);
    for (const tab of tabs) tab.freezes();
    await eventsArriveFor(5_000);
    expect(server.streams.size).toBe(0);
    tabs[2]?.thaws();
    await clock.passes(1_000);
    survivorsHeardAll(tabs.slice(2));
  });
});

it("a hidden leader whose timers stand still is told the time by the tabs that are looked at", async () => {
  const tabs = await tabsOpen(2);
  const leader = leaderOf();
  leader.timersStandStill = true;
  server.vanishesWithoutAWord();
  await clock.passes(45_000);
  expect(followersOf(tabs)[0]?.client.status).toBe("reconnecting");
});

it("any tab may force polling, and all tabs poll through one", async () => {
  const tabs = await tabsOpen(3);
  forcePollingIn(followersOf(tabs)[0]);
  await clock.passes(50);
  expect(tabs.map(({ client }) => client.status)).toEqual(Array(3).fill("polling"));
  server.publishesMany(3);
  await clock.passes(5_100);
  for (const tab of tabs) expect(tab.heard).toEqual([1, 2, 3]);
});

it("a new leader keeps to polling where it was forced", async () => {
  const tabs = await tabsOpen(3);
  forcePollingIn(tabs[1]);
  await clock.passes(50);
  leaderOf().closes();
  await clock.passes(200);
  expect(server.streams.size).toBe(0);
  for (const { client } of tabs.slice(1)) expect(client.status).toBe("polling");
});

it("a new leader is no new server: the epoch stays known", async () => {
  const [, follower] = await tabsOpen(3);
  const epochs = new Set<string | null>();
  follower?.client.store.subscribe(({ epoch }) => epochs.add(epoch));
  leaderOf().closes();
  await clock.passes(1_000);
  expect([...epochs]).toEqual([server.log.epoch]);
});

it("a new leader knows how often its predecessor has tried", async () => {
  const tabs = await tabsOpen(3);
  server.answersStreamsWith(404);
  await clock.passes(80_000);
  expect(tabs.map(({ client }) => client.status)).toEqual(Array(3).fill("polling"));
  leaderOf().closes();
  await clock.passes(200);
  for (const { client } of tabs.slice(1)) expect(client.status).toBe("polling");
});

it("a tab with a stream of its own keeps none while it is frozen, and has a new one when it thaws", async () => {
  const tab = browser.opensATab({ sharing: "none" });
  tab.client.connect();
  await eventsArriveFor(200);
  tab.freezes();
  expect(server.streams.size).toBe(0);
  await eventsArriveFor(200);
  tab.thaws();
  expect(tab.client.status).toBe("reconnecting");
  await clock.passes(50);
  expect(tab.client.status).toBe("connected");
  inOrderAndOnce(tab);
  expect(numbers(tab).at(-1)).toBe(server.log.newest);
});

describe("where the page may use neither locks nor channels", () => {
  const opened = async (forbidden: Partial<Environment>) => {
    const tab = browser.opensATab();
    Object.assign(tab.environment, forbidden);
    tab.client.connect();
    await clock.passes(5_000);
    return tab;
  };
  const denied = new DOMException("not allowed in this context", "SecurityError");

  it("forbidden locks: the tab has a stream of its own", async () => {
    const tab = await opened({ locks: { request: () => Promise.reject(denied) } });
    expect(tab.client.status).toBe("connected");
    expect(tab.client.store.getState().sharing).toBe("none");
    expect(server.streams.size).toBe(1);
  });

  it("forbidden channels: the same", async () => {
    const tab = await opened({
      openChannel: () => {
        throw denied;
      },
    });
    expect(tab.client.status).toBe("connected");
    expect(server.streams.size).toBe(1);
    expect(tab.client.store.getState().warning).toContain("not allowed");
  });
});

describe("where there are no locks", () => {
  async function insecureTabs(count: number): Promise<FakeTab[]> {
    browser.hasWorkers = true;
    for (let n = 0; n < count; n += 1) browser.opensATab({}, false).client.connect();
    await clock.passes(200);
    return browser.tabs;
  }

  it("a worker leads, over one connection", async () => {
    const tabs = await insecureTabs(10);
    await eventsArriveFor(1_000);
    expect(server.streams.size).toBe(1);
    for (const tab of tabs) expect(tab.heard).toHaveLength(50);
    expect(tabs.map(({ client }) => client.store.getState().sharing)).toEqual(
      Array(10).fill("worker"),
    );
  });

  it("it outlives the tab that began it, and ends when the last one has left", async () => {
    const tabs = await insecureTabs(3);
    tabs[0]?.client.disconnect();
    await eventsArriveFor(200);
    expect(tabs[1]?.heard).toHaveLength(10);
    for (const tab of tabs) tab.client.disconnect();
    await clock.passes(20);
    expect(server.streams.size).toBe(0);
  });

  it("it crashes, and another takes its place without a lost event", async () => {
    const tabs = await insecureTabs(3);
    await eventsArriveFor(500);
    browser.theWorkerCrashes();
    await eventsArriveFor(8_000);
    await clock.passes(100);
    expect(server.streams.size).toBe(1);
    for (const tab of tabs) {
      inOrderAndOnce(tab);
      expect(numbers(tab).at(-1)).toBe(server.log.newest);
    }
  });

  it("it cannot be started: each tab has a stream of its own", async () => {
    browser.hasWorkers = true;
    const before = clock.pending;
    const tab = browser.opensATab({}, false);
    Object.assign(tab.environment, {
      openWorker: () => {
        throw new Error("not allowed");
      },
    });
    tab.client.connect();
    await clock.passes(100);
    expect(tab.client.store.getState().sharing).toBe("none");
    expect(tab.client.status).toBe("connected");
    tab.client.disconnect();
    await clock.passes(20);
    expect(clock.pending).toBe(before);
  });
});

describe("where nothing can be shared", () => {
  it("each tab has a stream of its own, and the fifth is a warning", async () => {
    for (let n = 0; n < 4; n += 1) browser.opensATab({}, false).client.connect();
    await clock.passes(100);
    expect(server.streams.size).toBe(4);
    expect(browser.tabs.every(({ client }) => client.store.getState().warning === null)).toBe(true);
    const fifth = browser.opensATab({}, false);
    fifth.client.connect();
    await clock.passes(100);
    expect(fifth.client.store.getState().warning).toContain("5 tabs");
    expect(fifth.client.store.getState().sharing).toBe("none");
  });
});

describe("a long day", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "with seed %i, no tab misses or repeats an event",
    async (seed) => {
      let state = seed * 7_919;
      const dice = (sides: number) => {
        state = (state * 48_271) % 2_147_483_647;
        return state % sides;
      };
      const tabs = await tabsOpen(4);
      const alive = new Set(tabs);
      const frozen = new Set<FakeTab>();
      const any = (from: Iterable<FakeTab>) => {
        const list = [...from];
        return list[dice(list.length)];
      };
      for (let step = 0; step < 150; step += 1) {
        server.publishesMany(dice(4));
        const what = dice(14);
        const tab = any(alive);
        if (what === 0) server.cutsItsStreams();
        else if (what === 1) server.restarts();
        else if (what === 2) server.answersStreamsWith(503);
        else if (what === 3) server.answersStreamsWith(200);
        else if (what === 4) server.goesDown();
        else if (what === 5) server.vanishesWithoutAWord();
        else if (what === 6) server.comesBack();
        else if (what === 7) server.forgetsToSend(2);
        else if (what === 8) server.announcesADrain(1_000);
        else if (what === 9 && tab && !frozen.has(tab)) {
          tab.freezes(dice(2) === 0);
          frozen.add(tab);
        } else if (what === 10) {
          const woken = any(frozen);
          if (woken) frozen.delete(woken);
          woken?.thaws();
        } else if (what === 11 && alive.size > 2 && tab) {
          if (dice(2) === 0) tab.crashes();
          else tab.closes();
          alive.delete(tab);
          frozen.delete(tab);
          const opened = browser.opensATab();
          opened.client.connect();
          alive.add(opened);
        }
        await clock.passes(dice(6_000));
      }
      for (const tab of frozen) tab.thaws();
      server.comesBack();
      server.answersEverythingWith(200);
      await clock.passes(40_000);
      server.publishesMany(1);
      await clock.passes(16_000);
      for (const tab of alive) {
        expect(tab.client.status).toBe("connected");
        expect(tab.heard).not.toContain("reset");
        inOrderAndOnce(tab);
        expect(numbers(tab).at(-1)).toBe(server.log.newest);
      }
      expect(server.streams.size).toBe(1);
      // Nobody asks without end: fewer than one poll a second, over all tabs and failures.
      expect(server.count("/api/sse/poll")).toBeLessThan(450);
    },
  );
});
