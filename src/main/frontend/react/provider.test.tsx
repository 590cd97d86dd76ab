// @vitest-environment happy-dom
import { Activity, act, StrictMode, Suspense, use, useState } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FakeBrowser, type FakeTab } from "../test/fake-browser.js";
import { FakeClock } from "../test/fake-clock.js";
import { FakeServer } from "../test/fake-server.js";

const own = vi.hoisted(() => ({ environment: undefined as unknown }));
vi.mock("../client/environment.js", () => ({ browserEnvironment: () => own.environment }));
const { SSEProvider, useConnectionStore, useSSEClient, useSSEEvent, useSSEReset } = await import(
  "./index.js"
);

vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);

let clock: FakeClock;
let server: FakeServer;
let tab: FakeTab;
let root: Root;
let heard: (number | string)[];
let streams: () => number;

beforeEach(() => {
  clock = new FakeClock();
  server = new FakeServer(clock);
  tab = new FakeBrowser(clock, server).opensATab();
  own.environment = tab.environment;
  root = createRoot(document.createElement("div"));
  heard = [];
  streams = () => server.requests.filter(({ path }) => path === "/api/sse").length;
});
afterEach(() => act(() => root.unmount()));
const passes = (millis: number) => act(() => clock.passes(millis));

function Listener() {
  useSSEEvent("*", ({ id }) => heard.push(Number(id.split("-")[1])));
  useSSEReset(() => heard.push("reset"));
  return null;
}

it("StrictMode, which runs effects twice, opens one stream and repeats no event", async () => {
  server.publishesMany(3);
  const after = `${server.log.epoch}-0`;
  await act(() =>
    root.render(
      <StrictMode>
        <SSEProvider options={{ logLevel: "silent" }} after={after}>
          <Listener />
        </SSEProvider>
      </StrictMode>,
    ),
  );
  await passes(200);
  server.publishesMany(1);
  await passes(20);
  expect(heard).toEqual([1, 2, 3, 4]);
  expect(streams()).toBe(1);
});

it("a provider that an Activity hides and shows goes on after the last event, without a repeat", async () => {
  const after = `${server.log.epoch}-0`;
  const shows = (mode: "visible" | "hidden") =>
    act(() =>
      root.render(
        <Activity mode={mode}>
          <SSEProvider options={{ logLevel: "silent" }} after={after}>
            <Listener />
          </SSEProvider>
        </Activity>,
      ),
    );
  await shows("visible");
  await passes(200);
  server.publishesMany(3);
  await passes(20);
  await shows("hidden");
  await passes(1_000);
  server.publishesMany(2);
  await shows("visible");
  await passes(1_000);
  expect(heard).toEqual([1, 2, 3, 4, 5]);
});

it("a provider that was hidden gets no reset for events that it has delivered, even if the log has trimmed its first `after`", async () => {
  const after = `${server.log.epoch}-0`;
  const shows = (mode: "visible" | "hidden") =>
    act(() =>
      root.render(
        <Activity mode={mode}>
          <SSEProvider options={{ logLevel: "silent" }} after={after}>
            <Listener />
          </SSEProvider>
        </Activity>,
      ),
    );
  await shows("visible");
  await passes(200);
  server.publishesMany(10);
  await passes(20);
  await shows("hidden");
  await passes(1_000);
  server.log.trimTo(3);
  await shows("visible");
  await passes(1_000);
  expect(heard).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

it("a hidden provider without `after` goes on where it stopped, too", async () => {
  const shows = (mode: "visible" | "hidden") =>
    act(() =>
      root.render(
        <Activity mode={mode}>
          <SSEProvider options={{ logLevel: "silent" }}>
            <Listener />
          </SSEProvider>
        </Activity>,
      ),
    );
  await shows("visible");
  await passes(200);
  server.publishesMany(3);
  await passes(20);
  await shows("hidden");
  server.publishesMany(2);
  await passes(1_000);
  await shows("visible");
  await passes(1_000);
  expect(heard).toEqual([1, 2, 3, 4, 5]);
});

it("another `after`, from a snapshot that was fetched again, opens no stream and repeats no event", async () => {
  const shows = (offset: number) =>
    act(() =>
      root.render(
        <SSEProvider options={{ logLevel: "silent" }} after={`${server.log.epoch}-${offset}`}>
          <Listener />
        </SSEProvider>,
      ),
    );
  await shows(0);
  await passes(200);
  server.publishesMany(4);
  await passes(20);
  await shows(2);
  await passes(1_000);
  expect.soft(streams(), "streams that were opened").toBe(1);
  expect.soft(heard).toEqual([1, 2, 3, 4]);
});

it("another `after` that is newer than the last event leaves out no event in between", async () => {
  const shows = (offset: number) =>
    act(() =>
      root.render(
        <SSEProvider options={{ logLevel: "silent" }} after={`${server.log.epoch}-${offset}`}>
          <Listener />
        </SSEProvider>,
      ),
    );
  await shows(0);
  await passes(200);
  server.publishesMany(2);
  await passes(20);
  server.goesDown();
  server.publishesMany(3);
  await shows(4);
  server.comesBack();
  await passes(10_000);
  expect(heard).toEqual([1, 2, 3, 4, 5]);
});

it("a selector that makes an object does not render for ever", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  let draws = 0;
  function Both() {
    const { status, role } = useConnectionStore(({ status, role }) => ({ status, role }));
    draws += 1;
    return <p>{`${status} ${role}`}</p>;
  }
  let failed: unknown = null;
  try {
    await act(() =>
      root.render(
        <SSEProvider options={{ logLevel: "silent" }}>
          <Both />
        </SSEProvider>,
      ),
    );
    await passes(200);
  } catch (error) {
    failed = error;
  }
  vi.restoreAllMocks();
  expect(String(failed)).toBe("null");
  expect(draws).toBeLessThan(20);
});

it("a selector that makes objects within objects does not render for ever either", async () => {
  let renders = 0;
  function Nested() {
    const { line } = useConnectionStore(({ status, role }) => ({ line: { status, role } }));
    renders += 1;
    return <p>{line.status}</p>;
  }
  await act(() =>
    root.render(
      <SSEProvider options={{ logLevel: "silent" }}>
        <Nested />
      </SSEProvider>,
    ),
  );
  await passes(200);
  expect(renders).toBeLessThan(20);
});

it("a component whose selected members did not change is not rendered again", async () => {
  let renders = 0;
  function Both() {
    const { status, role } = useConnectionStore(({ status, role }) => ({ status, role }));
    renders += 1;
    return <p>{`${status} ${role}`}</p>;
  }
  await act(() =>
    root.render(
      <SSEProvider options={{ logLevel: "silent" }}>
        <Both />
      </SSEProvider>,
    ),
  );
  await passes(200);
  const before = renders;
  await act(async () => server.publishesMany(5));
  await passes(20);
  expect(renders).toBe(before);
});

it("a provider that is unmounted leaves no stream and no alarm", async () => {
  await act(() =>
    root.render(
      <SSEProvider options={{ logLevel: "silent" }}>
        <Listener />
      </SSEProvider>,
    ),
  );
  await passes(200);
  expect(server.streams.size).toBe(1);
  await act(() => root.render(null));
  await passes(200);
  expect(server.streams.size).toBe(0);
});

it("`client` excludes `options` and `after`", () => {
  const { client } = tab;
  // @ts-expect-error two ways to say which client
  void (<SSEProvider client={client} options={{ logLevel: "silent" }} />);
  // @ts-expect-error a client of the application's own is connected by the application
  void (<SSEProvider client={client} after="00000001-1" />);
});

it("when the provider is given a client, its own one disconnects", async () => {
  const other = new FakeBrowser(clock, server).opensATab();
  const seen: unknown[] = [];
  function Which() {
    seen.push(useSSEClient());
    return null;
  }
  await act(() =>
    root.render(
      <SSEProvider options={{ logLevel: "silent" }}>
        <Which />
      </SSEProvider>,
    ),
  );
  await passes(200);
  await act(() =>
    root.render(
      <SSEProvider client={other.client}>
        <Which />
      </SSEProvider>,
    ),
  );
  await passes(200);
  expect(seen.at(-1)).toBe(other.client);
  // `other` was never connected, so the only stream left could be the hidden own one.
  expect(server.streams.size).toBe(0);
});

it("when the provider's client is taken away, it makes one of its own", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const other = new FakeBrowser(clock, server).opensATab();
  const shows = (client: boolean) =>
    act(() =>
      root.render(
        <SSEProvider {...(client ? { client: other.client } : { options: { logLevel: "silent" } })}>
          <Listener />
        </SSEProvider>,
      ),
    );
  await shows(true);
  let failed: unknown = null;
  try {
    await shows(false);
  } catch (error) {
    failed = error;
  }
  vi.restoreAllMocks();
  expect(String(failed)).toBe("null");
});

it("a sibling that suspends, so that effects are undone and done again, costs no event and repeats none", async () => {
  const after = `${server.log.epoch}-0`;
  let suspend: (on: Promise<void> | null) => void = () => {};
  function Lazy() {
    const [promise, setPromise] = useState<Promise<void> | null>(null);
    suspend = setPromise;
    if (promise) use(promise);
    return null;
  }
  await act(() =>
    root.render(
      <Suspense fallback={null}>
        <SSEProvider options={{ logLevel: "silent" }} after={after}>
          <Listener />
        </SSEProvider>
        <Lazy />
      </Suspense>,
    ),
  );
  await passes(200);
  server.publishesMany(3);
  await passes(20);
  let done = () => {};
  await act(async () =>
    suspend(
      new Promise<void>((resolve) => {
        done = resolve;
      }),
    ),
  );
  await passes(100);
  await act(async () => done());
  await passes(1_000);
  server.publishesMany(1);
  await passes(20);
  expect(heard).toEqual([1, 2, 3, 4]);
});
