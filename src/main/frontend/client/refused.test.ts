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

it.each([401, 403])("polls answer %i, streams work, one cut: the stream is back", async (s) => {
  server.answersPollsWith(s);
  server.cutsItsStreams();
  server.publishesMany(2);
  await clock.passes(120_000);
  expect(tab.client.status).toBe("connected");
  expect(tab.heard).toEqual([1, 2]);
});

it("looking at the page tries the stream at once", async () => {
  server.answersPollsWith(403);
  server.cutsItsStreams();
  await clock.passes(10_000);
  tab.happens("visibilitychange");
  await clock.passes(1_000);
  expect(tab.client.status).toBe("connected");
});

it("one 403 only, then 200: back within 20 s", async () => {
  server.answersPollsWith(403);
  server.cutsItsStreams();
  await clock.passes(100);
  server.answersPollsWith(200);
  await clock.passes(20_000);
  expect(tab.client.status).toBe("connected");
});

it("how many streams were tried in ten minutes of refused polls: at least one a minute", async () => {
  server.answersPollsWith(403);
  server.cutsItsStreams();
  const before = server.requests.filter(({ path }) => path === "/api/sse").length;
  await clock.passes(600_000);
  const after = server.requests.filter(({ path }) => path === "/api/sse").length;
  expect(after - before).toBeGreaterThanOrEqual(1);
});

it("401 is signed out, 403 is forbidden, and neither is said while events flow", async () => {
  server.answersEverythingWith(401);
  await clock.passes(10_000);
  expect(tab.client.store.getState()).toMatchObject({
    status: "disconnected",
    refused: "signedOut",
  });
  server.answersEverythingWith(403);
  await clock.passes(30_000);
  expect(tab.client.store.getState()).toMatchObject({
    status: "disconnected",
    refused: "forbidden",
  });
  server.answersEverythingWith(200);
  await clock.passes(40_000);
  expect(tab.client.store.getState()).toMatchObject({ status: "connected", refused: null });
});

it("a redirect to a login page is signed out, at any later moment", async () => {
  server.redirectsToALoginPage();
  await clock.passes(10_000);
  for (let n = 0; n < 24; n += 1) {
    await clock.passes(5_000);
    expect(tab.client.store.getState()).toMatchObject({
      status: "disconnected",
      refused: "signedOut",
    });
    expect(tab.client.store.getState().reason).toMatch(/sign in|could not be opened|no hello/);
  }
});

it("a session that ends overnight begins fewer than 65 logins an hour", async () => {
  server.redirectsToALoginPage();
  const before = server.requests.length;
  await clock.passes(3_600_000);
  expect(server.requests.length - before).toBeLessThan(65);
});

it("a session that is renewed brings the stream back when the tab is shown, and by itself within two minutes", async () => {
  for (const shown of [true, false]) {
    server.redirectsToALoginPage();
    await clock.passes(20 * 60_000);
    server.redirectsToALoginPage(false);
    if (shown) tab.happens("visibilitychange");
    await clock.passes(shown ? 1_000 : 125_000);
    expect(tab.client.status).toBe("connected");
  }
});
