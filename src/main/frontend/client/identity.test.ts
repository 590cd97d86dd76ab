import { beforeEach, describe, expect, it } from "vitest";
import { changeOf } from "./identity.js";
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

const opensATab = async (hasLocks = true) => {
  const tab = browser.opensATab({}, hasLocks);
  const resets: string[] = [];
  tab.client.onReset(({ reason, missed }) => resets.push(`${reason} ${missed}`));
  tab.client.connect();
  await clock.passes(200);
  return Object.assign(tab, { resets });
};
const identity = (tab: FakeTab) => tab.client.store.getState().identity;
const kari = { subject: "hash of kari", name: "kari", rights: "00000001" };

const one = { subject: "1", name: "kari", rights: "a" };
it.each([
  [null, undefined, one],
  [null, undefined, null],
  [null, one, undefined],
  [null, one, { ...one }],
  [null, one, { ...one, name: "Kari N." }],
  [null, null, null],
  ["rights", one, { ...one, rights: "b" }],
  ["user", one, { ...one, subject: "2" }],
  ["user", one, { subject: "2", name: "kari", rights: "b" }],
  ["user", one, null],
  ["user", null, one],
])("the change is %s from %o to %o", (change, before, now) => {
  expect(changeOf(before, now)).toBe(change);
});

it("the store says who is signed in", async () => {
  server.signsIn("kari");
  const tab = await opensATab();
  expect(identity(tab)).toEqual(kari);
});

it("… and nobody where the server knows no identities", async () => {
  expect(identity(await opensATab())).toBeNull();
});

it("a server that is upgraded and knows an identity now is a change of user", async () => {
  const tab = await opensATab();
  server.signsIn("kari");
  server.cutsItsStreams();
  await clock.passes(5_000);
  expect(tab.resets).toEqual(["user null"]);
});

describe.each([
  ["locks", true, false],
  ["a worker", false, true],
  ["nothing", false, false],
])("tabs that share by %s", (_by, hasLocks, hasWorkers) => {
  beforeEach(() => {
    browser.hasWorkers = hasWorkers;
    server.signsIn("kari");
  });

  it("are reset at a change of user, each once, and forget what was before", async () => {
    const tabs = [await opensATab(hasLocks), await opensATab(hasLocks)];
    server.publishesMany(3);
    await clock.passes(100);
    server.signsIn("ola");
    server.cutsItsStreams();
    await clock.passes(10_000);
    server.publishesMany(1);
    await clock.passes(100);
    for (const tab of tabs) {
      expect(tab.resets).toEqual(["user null"]);
      expect(tab.heard).toEqual([1, 2, 3, "reset", 4]);
      expect(tab.client.recent().map(({ id }) => id)).toEqual([server.log.newestId]);
      expect(identity(tab)).toMatchObject({ name: "ola" });
      expect(tab.client.status).toBe("connected");
    }
  });

  it("are reset at a change of rights", async () => {
    const tabs = [await opensATab(hasLocks), await opensATab(hasLocks)];
    server.signsIn("kari", { rights: "00000002" });
    server.cutsItsStreams();
    await clock.passes(10_000);
    for (const tab of tabs) expect(tab.resets).toEqual(["rights null"]);
  });

  it("are reset when nobody is signed in any more, and when somebody is again", async () => {
    const tabs = [await opensATab(hasLocks), await opensATab(hasLocks)];
    server.signsOut();
    server.cutsItsStreams();
    await clock.passes(10_000);
    for (const tab of tabs) expect(identity(tab)).toBeNull();
    server.signsIn("kari");
    server.cutsItsStreams();
    await clock.passes(10_000);
    for (const tab of tabs) expect(tab.resets).toEqual(["user null", "user null"]);
  });

  it("are not reset when the same user comes back", async () => {
    const tab = await opensATab(hasLocks);
    server.cutsItsStreams();
    await clock.passes(10_000);
    server.signsIn("kari", { expiresInMillis: 60_000 });
    server.cutsItsStreams();
    await clock.passes(10_000);
    expect(tab.resets).toEqual([]);
  });

  it("give a tab that is opened later nothing of the user before", async () => {
    await opensATab(hasLocks);
    server.publishesTo("kari");
    await clock.passes(100);
    server.signsIn("ola");
    server.cutsItsStreams();
    await clock.passes(10_000);
    const late = await opensATab(hasLocks);
    expect(late.client.recent()).toEqual([]);
    expect(late.resets).toEqual([]);
    expect(identity(late)).toMatchObject({ name: "ola" });
  });
});

it("a tab that was suspended during a change of shift is reset when it is back", async () => {
  server.signsIn("kari");
  const one = await opensATab();
  const other = await opensATab();
  server.publishesMany(2);
  await clock.passes(100);
  other.happens("freeze");
  server.signsIn("ola");
  server.cutsItsStreams();
  await clock.passes(10_000);
  other.happens("resume");
  await clock.passes(1_000);
  for (const tab of [one, other]) expect(tab.resets).toEqual(["user null"]);
});

it("a tab that takes the lead after a change of shift is reset, and passes on nothing of before", async () => {
  server.signsIn("kari");
  const one = await opensATab();
  const other = await opensATab();
  server.publishesMany(2);
  await clock.passes(100);
  server.signsIn("ola");
  one.closes();
  await clock.passes(10_000);
  expect(other.client.store.getState().role).toBe("leader");
  expect(other.resets).toEqual(["user null"]);
  const late = await opensATab();
  expect(late.client.recent()).toEqual([]);
});

it("a page that disconnects and connects for another user is reset", async () => {
  server.signsIn("kari");
  const tab = await opensATab();
  tab.client.disconnect();
  server.signsIn("ola");
  tab.client.connect();
  await clock.passes(1_000);
  expect(tab.resets).toEqual(["user null"]);
});

it("events that were held for the user before are not given to the next one", async () => {
  server.signsIn("kari");
  const tab = await opensATab();
  server.publishesMany(1);
  server.answersPollsWith(500);
  server.forgetsToSend(1);
  server.publishesMany(2);
  server.publishesTo("kari");
  await clock.passes(100);
  server.signsIn("ola");
  server.cutsItsStreams();
  await clock.passes(10_000);
  server.answersPollsWith(200);
  server.publishesMany(1);
  await clock.passes(20_000);
  expect(tab.heard.slice(tab.heard.indexOf("reset"))).toEqual(["reset", 2, 3, 5]);
});

it("a poll that began for the user before gives the next one nothing", async () => {
  server.signsIn("kari");
  const tab = await opensATab();
  server.publishesMany(1);
  server.fetchLatencyMillis = 4_000;
  server.forgetsToSend(1);
  server.publishesMany(2);
  await clock.passes(100);
  server.signsIn("ola");
  server.cutsItsStreams();
  await clock.passes(3_000);
  expect(tab.heard).toEqual([1, "reset"]);
  server.publishesTo("kari");
  server.publishesMany(1);
  await clock.passes(20_000);
  expect(tab.heard).toEqual([1, "reset", 2, 3, 5]);
});

it("a handler of the reset may disconnect: nothing more is delivered", async () => {
  server.signsIn("kari");
  const tab = await opensATab();
  tab.client.onReset(() => tab.client.disconnect());
  server.signsIn("ola");
  server.answersPollsWith(500);
  server.cutsItsStreams();
  server.publishesMany(2);
  await clock.passes(10_000);
  expect(tab.heard).toEqual(["reset"]);
  expect(tab.client.status).toBe("disconnected");
  expect(server.streams.size).toBe(0);
});

it("polls that say who is signed in are believed", async () => {
  server.signsIn("kari");
  server.saysInPollsWhoIsSignedIn = true;
  const tab = await opensATab();
  server.answersStreamsWith(503);
  await clock.passes(60_000);
  expect(tab.client.status).toBe("polling");
  server.signsIn("ola");
  server.publishesTo("ola");
  await clock.passes(6_000);
  expect(tab.heard).toEqual(["reset", 1]);
  expect(tab.client.status).toBe("polling");
});

describe("events that a user may not see", () => {
  beforeEach(() => server.signsIn("kari"));

  it("leave no gap, between others and at the end, and cause no poll", async () => {
    const tabs = [await opensATab(), await opensATab()];
    server.publishesTo("ola");
    server.publishesMany(1);
    server.publishesTo("ola");
    server.publishesTo("ola");
    server.publishesTo("kari");
    server.publishesTo("ola");
    await clock.passes(16_000);
    for (const tab of tabs) {
      expect(tab.heard).toEqual([2, 5]);
      expect(tab.client.lastEventId).toBe(server.log.newestId);
      expect(tab.client.store.getState()).toMatchObject({ catchingUp: false, behind: null });
    }
    expect(server.count("/api/sse/poll")).toBe(0);
  });

  it("for an hour move the cursor, so that it does not grow old", async () => {
    const tab = await opensATab();
    for (let n = 0; n < 60; n += 1) {
      server.publishesTo("ola");
      await clock.passes(60_000);
    }
    expect(tab.client.lastEventId).toBe(server.log.newestId);
    server.log.trimTo(0);
    server.cutsItsStreams();
    await clock.passes(10_000);
    expect(tab.heard).toEqual([]);
    expect(tab.statuses).not.toContain("polling");
  });

  it("are skipped in replays and polls too", async () => {
    const tab = await opensATab();
    server.publishesMany(1);
    await clock.passes(100);
    server.answersStreamsWith(503);
    for (let n = 0; n < 3; n += 1) {
      server.publishesTo("ola");
      server.publishesMany(1);
      server.publishesTo("ola");
    }
    await clock.passes(60_000);
    expect(tab.client.status).toBe("polling");
    expect(tab.client.lastEventId).toBe(server.log.newestId);
    server.answersStreamsWith(200);
    server.publishesTo("ola");
    server.publishesMany(1);
    await clock.passes(60_000);
    expect(tab.heard).toEqual([1, 3, 6, 9, 12]);
    expect(tab.client.status).toBe("connected");
  });

  it("a tab that catches up counts them as the others do", async () => {
    await opensATab();
    server.publishesMany(2);
    server.publishesTo("ola");
    server.publishesMany(1);
    await clock.passes(100);
    const late = browser.opensATab();
    late.client.connect({ after: `${server.log.epoch}-1` });
    await clock.passes(1_000);
    expect(late.heard).toEqual([2, 4]);
  });
});
