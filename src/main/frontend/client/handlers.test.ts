import { beforeEach, expect, it } from "vitest";
import { FakeBrowser, type FakeTab } from "./testing/fake-browser.js";
import { FakeClock } from "./testing/fake-clock.js";
import { FakeServer } from "./testing/fake-server.js";

let clock: FakeClock;
let server: FakeServer;
let tab: FakeTab;

beforeEach(async () => {
  clock = new FakeClock();
  server = new FakeServer(clock);
  tab = new FakeBrowser(clock, server).opensATab();
  tab.client.connect();
  await clock.passes(100);
});

it("the first to unsubscribe does not take the other's registration away", async () => {
  let calls = 0;
  const handler = () => {
    calls += 1;
  };
  const stop = tab.client.on("event_created", handler);
  tab.client.on("event_created", handler);
  stop();
  server.publishesMany(1);
  await clock.passes(20);
  expect(calls).toBe(1);
});

it("nor does stopping the first twice, after it was registered again", async () => {
  let calls = 0;
  const handler = () => {
    calls += 1;
  };
  const stop = tab.client.onEvent(handler);
  stop();
  tab.client.onEvent(handler);
  stop();
  server.publishesMany(1);
  await clock.passes(20);
  expect(calls).toBe(1);
});

it("the same for onReset", async () => {
  let calls = 0;
  const handler = () => {
    calls += 1;
  };
  const stop = tab.client.onReset(handler);
  tab.client.onReset(handler);
  stop();
  server.publishesMany(1);
  server.cutsItsStreams();
  server.log.loseAll();
  await clock.passes(10_000);
  expect(calls).toBe(1);
});

it("registered twice is called twice (each registration counts)", async () => {
  let calls = 0;
  const handler = () => {
    calls += 1;
  };
  tab.client.onEvent(handler);
  tab.client.onEvent(handler);
  server.publishesMany(1);
  await clock.passes(20);
  expect(calls).toBe(2);
});

it("`once` is called for one event only, and `signal` until it is aborted", async () => {
  const heard: string[] = [];
  const signalled = new AbortController();
  tab.client.on("event_created", () => heard.push("once"), { once: true });
  tab.client.onEvent(() => heard.push("signal"), { signal: signalled.signal });
  tab.client.onEvent(() => heard.push("never"), { signal: AbortSignal.abort() });
  server.publishesMany(2);
  await clock.passes(20);
  signalled.abort();
  server.publishesMany(1);
  await clock.passes(20);
  expect(heard).toEqual(["once", "signal", "signal"]);
});

it("what a handler throws is reported, with the error itself", async () => {
  const error = new Error("oops");
  tab.client.onEvent(() => {
    throw error;
  });
  server.publishesMany(1);
  await clock.passes(20);
  expect(tab.reported).toEqual([error]);
  expect(tab.heard).toEqual([1]);
});
