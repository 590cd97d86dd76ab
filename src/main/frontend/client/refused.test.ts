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

it("one 403 of a poll only, then 200: the stream that works is back within 20 s", async () => {
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

const refusal = () => {
  const { status, refusal } = tab.client.store.getState();
  return [status, refusal];
};

it("401 is sign_in, 403 is forbidden, and neither is said while events flow", async () => {
  server.answersEverythingWith(401);
  await clock.passes(10_000);
  expect(refusal()).toEqual(["disconnected", "sign_in"]);
  server.answersEverythingWith(403);
  await clock.passes(61_000);
  expect(refusal()).toEqual(["disconnected", "forbidden"]);
  server.answersEverythingWith(200);
  await clock.passes(61_000);
  expect(refusal()).toEqual(["connected", null]);
});

it.each([401, 403])(
  "after %i the client polls every 30-60 s, and tries streams as rarely",
  async (s) => {
    server.answersEverythingWith(s);
    await clock.passes(10_000);
    const before = server.requests.length;
    await clock.passes(600_000);
    for (const path of ["/api/sse", "/api/sse/poll"]) {
      const times = server.requests
        .slice(before)
        .filter((request) => request.path === path)
        .map(({ at }) => at);
      expect(times.length).toBeGreaterThanOrEqual(9);
      for (const [n, at] of times.entries()) {
        const pause = at - (times[n - 1] ?? at - 45_000);
        expect(pause).toBeGreaterThanOrEqual(30_000);
        expect(pause).toBeLessThanOrEqual(61_000);
      }
    }
  },
);

it.each([
  [200, "sign_in"],
  [401, "sign_in"],
  [403, "forbidden"],
  [502, null],
])("a page of HTML with status %i instead of events means %s", async (status, expected) => {
  server.answersEverythingWithAPage(status);
  await clock.passes(120_000);
  expect(refusal()).toEqual(["disconnected", expected]);
});

it("a redirect to a login page is sign_in, at any later moment", async () => {
  server.redirectsToALoginPage();
  await clock.passes(10_000);
  for (let n = 0; n < 24; n += 1) {
    await clock.passes(5_000);
    expect(refusal()).toEqual(["disconnected", "sign_in"]);
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
