import { beforeEach, describe, expect, it } from "vitest";
import { FakeBrowser, FakeClock, FakeServer, type FakeTab } from "../../client/testing.js";
import { en } from "../words/en.js";
import { nb } from "../words/nb.js";
import { type Doubt, doubt, lineOf } from "./doubt.js";

let clock: FakeClock;
let server: FakeServer;
let browser: FakeBrowser;
let tab: FakeTab;

beforeEach(async () => {
  clock = new FakeClock();
  server = new FakeServer(clock);
  browser = new FakeBrowser(clock, server);
  tab = browser.opensATab();
  tab.client.connect();
  await clock.passes(100);
});

const doubtOf = ({ client }: FakeTab): Doubt | null =>
  doubt(
    { ...lineOf(client.store.getState()), heardMillis: client.heardMillis },
    { loaded: true, outdated: false },
  );
const said = (kind: Doubt["kind"], words = en) => {
  const { headline, detail } = words.doubt[kind]({ heard: "1 min", since: "14:00", events: 3 });
  return `${headline}. ${detail}`;
};

describe("when the session is over", () => {
  it.each<[string, () => void]>([
    ["the server answers 401", () => server.answersEverythingWith(401)],
    ["a proxy redirects to a login page", () => server.redirectsToALoginPage()],
  ])("%s: the words speak of logging in, at any later moment", async (_, ends) => {
    ends();
    server.cutsItsStreams();
    await clock.passes(20_000);
    const kinds = new Set<Doubt["kind"] | undefined>();
    for (let n = 0; n < 24; n += 1) {
      await clock.passes(5_000);
      kinds.add(doubtOf(tab)?.kind);
    }
    expect([...kinds]).toEqual(["sign_in"]);
    expect(said("sign_in")).toMatch(/not signed in.*Sign in/);
    expect(said("sign_in", nb)).toMatch(/ikke logget inn.*Logg inn/);
  });

  it("no more than one login flow a minute is begun", async () => {
    server.redirectsToALoginPage();
    server.cutsItsStreams();
    const before = server.count("/api/sse/poll");
    await clock.passes(3_600_000);
    expect(server.count("/api/sse/poll") - before).toBeLessThan(65);
  });
});

it("403: the words say that the user is refused", async () => {
  server.answersEverythingWith(403);
  await clock.passes(60_000);
  expect(doubtOf(tab)?.kind).toBe("forbidden");
});

describe.each([500, 503, 403])("a gap while polls answer %i", (status) => {
  it("is said in every tab, although the stream is up", async () => {
    const follower = browser.opensATab();
    follower.client.connect();
    await clock.passes(100);
    server.answersPollsWith(status, 3_600);
    server.forgetsToSend(1);
    server.publishesMany(5);
    await clock.passes(60_000);
    expect(tab.client.status).toBe("connected");
    expect(["missing", "behind"]).toContain(doubtOf(tab)?.kind);
    expect(["missing", "behind"]).toContain(doubtOf(follower)?.kind);
  });
});

it("events that the server holds back are announced with the time, and no longer when they flow again", async () => {
  server.logBecomes("failing");
  await clock.passes(100);
  expect(doubtOf(tab)?.kind).toBe("heldBack");
  expect(said("heldBack")).toContain("since 14:00");
  server.logBecomes("ok");
  await clock.passes(100);
  expect(doubtOf(tab)).toBeNull();
});

it("a server that cannot reach the log is announced with the time, until the page has found another", async () => {
  server.isServedBy(2);
  server.nodesLoseTheLog(0);
  await clock.passes(4_000);
  expect(doubtOf(tab)?.kind).toBe("cutOff");
  expect(said("cutOff")).toMatch(/since 14:00 may be missing.*cannot reach the event log/);
  expect(said("cutOff", nb)).toMatch(/siden 14:00 kan mangle.*når ikke hendelsesloggen/);
  await clock.passes(25_000);
  expect(doubtOf(tab)).toBeNull();
});
