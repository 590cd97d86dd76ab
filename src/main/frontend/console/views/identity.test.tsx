// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FakeBrowser, FakeClock, FakeServer, type FakeTab } from "../../client/testing.js";
import { SSEProvider } from "../../react/index.js";
import { exposeForDebugging } from "../desk/debugging.js";
import { DebugDrawer } from "../developer/DebugDrawer.js";
import { en } from "../words/en.js";
import { OpenNotice } from "./OpenNotice.js";
import { SignedIn } from "./SignedIn.js";

vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);

let clock: FakeClock;
let server: FakeServer;
let tab: FakeTab;
let place: HTMLElement;
let root: Root;
let answers: (path: string) => [status: number, body: unknown];
let asked: string[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  localStorage.clear();
  localStorage.setItem("samband.language", "en");
  asked = [];
  answers = () => [200, []];
  vi.stubGlobal("fetch", async (url: URL) => {
    asked.push(url.pathname);
    const [status, body] = answers(url.pathname);
    return new Response(JSON.stringify(body), { status });
  });
  clock = new FakeClock();
  server = new FakeServer(clock);
  tab = new FakeBrowser(clock, server).opensATab();
  exposeForDebugging(tab.client);
  place = document.createElement("div");
  document.body.append(place);
  root = createRoot(place);
});
afterEach(() => {
  act(() => root.unmount());
  place.remove();
  tab.client.disconnect();
  vi.useRealTimers();
});

const shows = async (page: React.ReactNode) => {
  await act(async () => {
    root.render(<SSEProvider client={tab.client}>{page}</SSEProvider>);
    tab.client.connect();
    await clock.passes(100);
    await vi.advanceTimersByTimeAsync(100);
  });
};
const passes = (millis: number) =>
  act(async () => {
    await clock.passes(millis);
    await vi.advanceTimersByTimeAsync(millis);
  });
const part = (id: string) => place.querySelector<HTMLElement>(`[data-testid=${id}]`);

it("the name of who is signed in is shown, and no longer after a 401", async () => {
  server.signsIn("kari");
  await shows(<SignedIn />);
  expect(part("signed-in")?.textContent).toContain("kari");
  act(() => server.answersEverythingWith(401));
  await passes(10_000);
  expect(part("signed-in")).toBeNull();
});

it("nothing is shown where nobody is signed in", async () => {
  await shows(<SignedIn />);
  expect(part("signed-in")).toBeNull();
});

it.each([200, 503])(
  "a server that is open, and answers %i, is announced for good",
  async (status) => {
    answers = () => [status, { auth: "open" }];
    await shows(<OpenNotice />);
    expect(place.textContent).toMatch(/open|åpen/);
    await passes(600_000);
    expect(part("open-notice")).not.toBeNull();
  },
);

it.each([[{ auth: "required" }], [{}]])("one that answers %o is not", async (body) => {
  answers = () => [200, body];
  await shows(<OpenNotice />);
  expect(part("open-notice")).toBeNull();
});

it("after a restart the server is asked again", async () => {
  answers = () => [200, { auth: "open" }];
  await shows(<OpenNotice />);
  answers = () => [200, {}];
  act(() => server.restarts());
  await passes(10_000);
  expect(part("open-notice")).toBeNull();
});

it("tools that need the right admin are hidden from a user without it, in words, and come with another user", async () => {
  server.signsIn("kari");
  answers = () => [403, { title: "this needs the right admin" }];
  await shows(<DebugDrawer close={() => {}} />);
  expect(part("not-admin")?.textContent).toMatch(/admin/);
  for (const id of ["send-test", "send-burst", "measure-latency", "connections"]) {
    expect(part(id), id).toBeNull();
  }
  expect(part("force-reconnect")).not.toBeNull();
  await passes(60_000);
  expect(asked).toHaveLength(1);
  answers = () => [200, []];
  server.signsIn("leader");
  act(() => server.cutsItsStreams());
  await passes(10_000);
  expect(part("not-admin")).toBeNull();
  for (const id of ["send-test", "send-burst", "measure-latency", "connections"]) {
    expect(part(id), id).not.toBeNull();
  }
});

it("a list that fails for another reason hides nothing", async () => {
  answers = () => [503, {}];
  await shows(<DebugDrawer close={() => {}} />);
  expect(part("not-admin")).toBeNull();
  expect(part("send-burst")).not.toBeNull();
  await passes(10_000);
  expect(asked.length).toBeGreaterThan(2);
});

it("refusals are said in words", () => {
  expect(en.doubt.sign_in({ heard: null, since: "", events: 0 }).headline).toMatch(/signed in/);
  expect(en.doubt.forbidden({ heard: null, since: "", events: 0 }).headline).toMatch(/refuses/);
});
