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
  expect(tab.client.status).toBe("connected");
});

const maintenance = async (retryAfter: number | string) => {
  server.answersEverythingWith(503, retryAfter);
  await clock.passes(10_000);
  server.answersEverythingWith(200);
};

it("Retry-After 3600 for 10 s, then a healthy server: connected a minute later", async () => {
  await maintenance(3_600);
  await clock.passes(60_000);
  expect(tab.client.status).toBe("connected");
});

it("the wait ends at once when the tab is shown", async () => {
  await maintenance(3_600);
  tab.happens("visibilitychange");
  await clock.passes(1_000);
  expect(tab.client.status).toBe("connected");
});

it("the wait ends when the network says that it is back", async () => {
  await maintenance(3_600);
  tab.happens("online");
  await clock.passes(1_000);
  expect(tab.client.status).toBe("connected");
});

it("a date is compared with the server's clock, not with a browser's that is an hour slow", async () => {
  Object.assign(tab.environment, { now: () => clock.now() - 3_600_000 });
  await maintenance(new Date(clock.now() + 30_000).toUTCString());
  await clock.passes(90_000);
  expect(tab.client.status).toBe("connected");
});

it("a follower that catches up is not silenced for an hour either", async () => {
  // (the follower's own catch-up poll hears the maintenance page, the leader's stream lives)
  server.publishesMany(300);
  await clock.passes(100);
  server.answersPollsWith(503, 3_600);
  const browser = new FakeBrowser(clock, server);
  const one = browser.opensATab();
  one.client.connect();
  await clock.passes(100);
  const late = browser.opensATab();
  late.client.connect({ after: `${server.log.epoch}-10` });
  await clock.passes(10_000);
  server.answersPollsWith(200);
  await clock.passes(60_000);
  expect(late.heard.length).toBe(290);
});

it("reconnect() by hand ends the wait where the stream works", async () => {
  await maintenance(86_400);
  tab.client.reconnect();
  await clock.passes(1_000);
  expect(tab.client.status).toBe("connected");
});

it("reconnect() by hand ends the wait of polls too (streams do not get through)", async () => {
  server.answersEverythingWith(503, 86_400);
  await clock.passes(10_000);
  server.answersPollsWith(200);
  tab.client.reconnect();
  server.publishesMany(1);
  await clock.passes(120_000);
  expect(tab.heard).toEqual([1]);
  expect(tab.client.status).toBe("polling");
});

it("without a hand: a day of silence is not obeyed", async () => {
  await maintenance(86_400);
  await clock.passes(10 * 60_000);
  expect(tab.client.status).toBe("connected");
});
