import { beforeEach, expect, it, vi } from "vitest";
import type { SSEClientOptions } from "./sse-client.js";
import { FakeBrowser, type FakeTab } from "./testing/fake-browser.js";
import { FakeClock } from "./testing/fake-clock.js";
import { FakeServer } from "./testing/fake-server.js";

let clock: FakeClock;
let server: FakeServer;
let browser: FakeBrowser;
let token: string;
const getToken = vi.fn(async () => token);

beforeEach(() => {
  clock = new FakeClock();
  server = new FakeServer(clock);
  browser = new FakeBrowser(clock, server);
  token = server.issues("kari");
  getToken.mockReset();
  getToken.mockImplementation(async () => token);
});

const opensATab = async (options: SSEClientOptions = {}, hasLocks = true) => {
  const tab = browser.opensATab({ getToken, ...options }, hasLocks);
  tab.client.connect();
  await clock.passes(300);
  return tab;
};
const state = (tab: FakeTab) => {
  const { status, refusal } = tab.client.store.getState();
  return [status, refusal];
};

it("streams and polls carry the token", async () => {
  const tab = await opensATab();
  expect(state(tab)).toEqual(["connected", null]);
  expect(tab.client.store.getState().identity).toMatchObject({ name: "kari" });
  server.answersStreamsWith(503);
  server.publishesMany(1);
  await clock.passes(60_000);
  expect(state(tab)).toEqual(["polling", null]);
  expect(tab.heard).toEqual([1]);
});

it("only the tab that holds the connection asks for tokens", async () => {
  const other = vi.fn(async () => token);
  await opensATab();
  const follower = await opensATab({ getToken: other });
  server.publishesMany(1);
  await clock.passes(100);
  expect(follower.heard).toEqual([1]);
  expect(getToken).toHaveBeenCalledTimes(1);
  expect(other).not.toHaveBeenCalled();
});

it.each([
  ["worker", true, "locks"],
  ["worker", false, "none"],
  [undefined, false, "none"],
] as const)(
  "a worker cannot ask: sharing %s, locks %s, is sharing %s",
  async (sharing, hasLocks, used) => {
    browser.hasWorkers = true;
    const tab = await opensATab({ sharing }, hasLocks);
    expect(tab.client.store.getState().sharing).toBe(used);
    expect(state(tab)).toEqual(["connected", null]);
  },
);

it("a token that is refused is asked for once more, and the client goes on", async () => {
  const tab = await opensATab();
  server.revokesItsTokens();
  token = server.issues("kari");
  server.answersStreamsWith(503);
  await clock.passes(60_000);
  expect(state(tab)).toEqual(["polling", null]);
  expect(tab.statuses).not.toContain("disconnected");
});

it("if that is refused too, it is sign_in, and one attempt in 30-60 s asks again", async () => {
  const tab = await opensATab();
  expect(getToken).toHaveBeenCalledTimes(1);
  server.revokesItsTokens();
  server.cutsItsStreams();
  await clock.passes(5_000);
  expect(state(tab)).toEqual(["disconnected", "sign_in"]);
  expect(getToken.mock.calls.length).toBeLessThanOrEqual(4);
  const before = getToken.mock.calls.length;
  await clock.passes(600_000);
  const asked = getToken.mock.calls.length - before;
  expect(asked).toBeGreaterThanOrEqual(10);
  expect(asked).toBeLessThanOrEqual(30);
  token = server.issues("kari");
  await clock.passes(61_000);
  expect(state(tab)).toEqual(["connected", null]);
});

it("after signing in again, reconnect() asks at once", async () => {
  const tab = await opensATab();
  server.revokesItsTokens();
  server.cutsItsStreams();
  await clock.passes(20_000);
  expect(state(tab)).toEqual(["disconnected", "sign_in"]);
  token = server.issues("kari");
  tab.client.reconnect();
  await clock.passes(100);
  expect(state(tab)).toEqual(["connected", null]);
});

it("an empty token is nobody: sign_in, and no request is sent", async () => {
  token = "";
  const tab = await opensATab();
  await clock.passes(3_000);
  expect(state(tab)).toEqual(["disconnected", "sign_in"]);
  expect(server.requests).toEqual([]);
});

it("getToken() that fails is a failed attempt, and no refusal", async () => {
  getToken.mockRejectedValue(new Error("no network"));
  const tab = await opensATab();
  await clock.passes(5_000);
  expect(state(tab)).toEqual(["reconnecting", null]);
  const messages = tab.client.store.getState().errors.map(({ message }) => message);
  expect(messages.join()).toContain("no network");
  getToken.mockImplementation(async () => token);
  await clock.passes(20_000);
  expect(state(tab)).toEqual(["connected", null]);
});

it("getToken() that fails says nothing against a stream that is up", async () => {
  const tab = await opensATab();
  await clock.passes(2_000);
  server.revokesItsTokens();
  getToken.mockRejectedValue(new Error("no network"));
  tab.happens("visibilitychange");
  await clock.passes(1_000);
  expect(tab.client.status).toBe("connected");
  expect(server.streams.size).toBe(1);
});

it("a token that takes 6 s is used when it is there", async () => {
  getToken.mockImplementation(
    () => new Promise((done) => clock.setTimeout(() => done(token), 6_000)),
  );
  const tab = await opensATab();
  await clock.passes(10_000);
  expect(state(tab)).toEqual(["connected", null]);
});

it("a token that never comes holds up no disconnect and no later attempt", async () => {
  getToken.mockImplementation(() => new Promise(() => {}));
  const tab = await opensATab();
  await clock.passes(60_000);
  expect(tab.client.status).toBe("disconnected");
  tab.client.disconnect();
  await clock.passes(1_000);
  expect(clock.pending).toBe(1);
});

it("the renewal asks for a new token and takes over without a change of state", async () => {
  token = server.issues("kari", { expiresInMillis: 300_000 });
  const tab = await opensATab();
  for (let n = 0; n < 60; n += 1) {
    token = server.issues("kari", { expiresInMillis: 300_000 });
    server.publishesMany(1);
    await clock.passes(60_000);
  }
  expect(tab.heard).toHaveLength(60);
  expect(tab.statuses).toEqual(["reconnecting", "connected"]);
  expect(getToken.mock.calls.length).toBeGreaterThan(11);
  expect(getToken.mock.calls.length).toBeLessThan(17);
});

it("a stream whose token has expired comes back with a new one", async () => {
  token = server.issues("kari", { expiresInMillis: 60_000 });
  const tab = await opensATab();
  server.refusesNewStreams(503);
  await clock.passes(58_000);
  server.refusesNewStreams(200);
  token = server.issues("kari");
  await clock.passes(15_000);
  server.publishesMany(1);
  await clock.passes(100);
  expect(tab.heard).toEqual([1]);
  expect(tab.statuses).toEqual(["reconnecting", "connected"]);
});

it("a token of another user is a change of user", async () => {
  const tab = await opensATab();
  token = server.issues("ola");
  tab.client.reconnect();
  await clock.passes(100);
  expect(tab.heard).toEqual(["reset"]);
  expect(tab.client.store.getState().identity).toMatchObject({ name: "ola" });
});

it("no message to another tab holds the token", async () => {
  const tab = await opensATab();
  const said: string[] = [];
  const listener = tab.environment.openChannel?.("samband 3 http://samband.test/api/sse  token ");
  if (listener) listener.onmessage = ({ data }) => said.push(JSON.stringify(data));
  await opensATab();
  server.cutsItsStreams();
  await clock.passes(10_000);
  expect(said.length).toBeGreaterThan(3);
  expect(said.join()).not.toContain("token");
});
