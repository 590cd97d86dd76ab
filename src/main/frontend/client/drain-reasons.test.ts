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
  server.signsIn("kari");
  tab = new FakeBrowser(clock, server).opensATab();
  tab.client.connect();
  await clock.passes(11_000);
});

const state = () => {
  const { status, refusal } = tab.client.store.getState();
  return [status, refusal];
};

it.each(["expired", "lifetime", "shutdown"])(
  "%s: back after the announced delay, without a change of state",
  async (reason) => {
    server.announcesADrain(3_000, reason);
    server.cutsItsStreams();
    await clock.passes(2_900);
    expect(server.streams.size).toBe(0);
    server.publishesMany(1);
    await clock.passes(200);
    expect(tab.heard).toEqual([1]);
    expect(tab.statuses).toEqual(["reconnecting", "connected"]);
  },
);

it.each(["signed_out", "revoked"] as const)(
  "%s: back after the announced delay if the server still serves the user",
  async (reason) => {
    server.endsItsStreams(reason, 3_000);
    await clock.passes(2_900);
    expect(server.streams.size).toBe(0);
    await clock.passes(200);
    expect(state()).toEqual(["connected", null]);
  },
);

it.each([
  ["signed_out", 401, "sign_in"],
  ["signed_out", 403, "forbidden"],
  ["revoked", 401, "sign_in"],
  ["revoked", 403, "forbidden"],
] as const)("%s, and the answer is %i: %s at once", async (reason, status, refusal) => {
  server.endsItsStreams(reason, 3_000);
  server.answersEverythingWith(status);
  await clock.passes(3_100);
  expect(state()).toEqual(["disconnected", refusal]);
});

it.each([401, 403])("expired, and the answer is %i: that is said 5 s later", async (status) => {
  server.endsItsStreams("expired", 1_000);
  server.answersEverythingWith(status);
  await clock.passes(5_500);
  expect(tab.client.status).toBe("connected");
  await clock.passes(1_000);
  expect(state()).toEqual(["disconnected", status === 401 ? "sign_in" : "forbidden"]);
});

it("the reason is written down", async () => {
  server.endsItsStreams("revoked", 1_000);
  await clock.passes(100);
  expect(tab.client.store.getState().reason).toContain("revoked");
});
