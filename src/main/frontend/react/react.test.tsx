// @vitest-environment happy-dom
import { act, StrictMode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FakeBrowser, type FakeTab } from "../test/fake-browser.js";
import { FakeClock } from "../test/fake-clock.js";
import { FakeServer } from "../test/fake-server.js";
import {
  SSEProvider,
  useConnectionStatus,
  useConnectionStore,
  useIdentity,
  useRefusal,
  useSSEEvent,
} from "./index.js";

vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);

let clock: FakeClock;
let server: FakeServer;
let tab: FakeTab;
let place: HTMLElement;
let root: Root;

beforeEach(() => {
  clock = new FakeClock();
  server = new FakeServer(clock);
  tab = new FakeBrowser(clock, server).opensATab();
  place = document.createElement("div");
  root = createRoot(place);
});

afterEach(() => act(() => root.unmount()));

const passes = (millis: number) => act(() => clock.passes(millis));

function Line() {
  const status = useConnectionStatus();
  const lastEventId = useConnectionStore((state) => state.lastEventId);
  return (
    <p>
      {status} {lastEventId}
    </p>
  );
}

it("a component shows the status and is drawn again when it changes", async () => {
  await act(() =>
    root.render(
      <SSEProvider client={tab.client}>
        <Line />
      </SSEProvider>,
    ),
  );
  expect(place.textContent).toBe("reconnecting ");
  act(() => tab.client.connect());
  await passes(100);
  expect(place.textContent).toBe("connected ");
  act(() => void server.publishes("test"));
  expect(place.textContent).toBe(`connected ${server.log.newestId}`);
});

it("a component shows who is signed in, and why the server refuses", async () => {
  function Who() {
    return (
      <p>
        {useIdentity()?.name ?? "nobody"} {useRefusal()}
      </p>
    );
  }
  await act(() =>
    root.render(
      <SSEProvider client={tab.client}>
        <Who />
      </SSEProvider>,
    ),
  );
  server.signsIn("kari");
  act(() => tab.client.connect());
  await passes(100);
  expect(place.textContent).toBe("kari ");
  server.answersEverythingWith(401);
  await passes(10_000);
  expect(place.textContent).toBe("nobody sign_in");
  act(() => tab.client.reconnect());
  server.answersEverythingWith(403);
  await passes(20_000);
  expect(place.textContent).toContain("forbidden");
});

it("a handler is called for its type, always the newest, and not after the component is gone", async () => {
  const heard: string[] = [];
  function Listener({ name }: { name: string }) {
    useSSEEvent("flash_message", ({ id }) => heard.push(`${name} ${id.split("-")[1]}`));
    return null;
  }
  const shows = (name: string | null) =>
    act(() =>
      root.render(
        <StrictMode>
          <SSEProvider client={tab.client}>{name && <Listener name={name} />}</SSEProvider>
        </StrictMode>,
      ),
    );
  await shows("first");
  act(() => tab.client.connect());
  await passes(100);
  server.publishes("flash_message");
  server.publishes("test");
  await passes(10);
  await shows("second");
  server.publishes("flash_message");
  await passes(10);
  await shows(null);
  server.publishes("flash_message");
  await passes(10);
  expect(heard).toEqual(["first 1", "second 3"]);
});

it("a hook without a provider says what is missing", () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  expect(() => act(() => root.render(<Line />))).toThrow("there is no <SSEProvider>");
});
