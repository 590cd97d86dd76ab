import { beforeEach, describe, expect, it } from "vitest";
import { SSEClient } from "./sse-client.js";
import { FakeBrowser } from "./testing/fake-browser.js";
import { FakeClock } from "./testing/fake-clock.js";
import { FakeServer } from "./testing/fake-server.js";

let clock: FakeClock;
let server: FakeServer;
let asked: string[];

beforeEach(() => {
  clock = new FakeClock();
  server = new FakeServer(clock);
  asked = [];
});

function clientFor(url: string) {
  const tab = new FakeBrowser(clock, server).opensATab();
  const { fetch, openEventSource } = tab.environment;
  Object.assign(tab.environment, {
    openEventSource: (address: string, withCredentials: boolean) => {
      asked.push(`stream ${address.replace("http://samband.test", "")}`);
      return openEventSource(address, withCredentials);
    },
    fetch: (address: string, init: RequestInit) => {
      asked.push(`fetch ${address.replace("http://samband.test", "")}`);
      const { pathname } = new URL(address);
      if (/\/api\/sse\/(poll|test)$/.test(pathname)) return fetch(address, init);
      // Anything else is the stream (never ends) or 404.
      return pathname.replace(/\/$/, "") === "/api/sse"
        ? new Promise<Response>((_, failed) =>
            init.signal?.addEventListener("abort", () =>
              failed(new DOMException("", "AbortError")),
            ),
          )
        : Promise.resolve(new Response("", { status: 404 }));
    },
  });
  const heard: number[] = [];
  const client = new SSEClient({ url, sharing: "none", logLevel: "silent" }, tab.environment);
  client.onEvent(({ id }) => heard.push(Number(id.split("-")[1])));
  return { client, heard };
}

describe.each([
  "/api/sse?token=x",
  "/api/sse?token=x&y=1",
  "/api/sse/",
  "/api/sse#x",
  "//samband.test/api/sse",
])("url %s", (url) => {
  it("a cut stream is resumed without a lost event, with well-formed requests (or the constructor throws)", async () => {
    let made: ReturnType<typeof clientFor>;
    try {
      made = clientFor(url);
    } catch {
      return;
    }
    const { client, heard } = made;
    client.connect();
    await clock.passes(100);
    server.publishesMany(1);
    await clock.passes(10);
    // No luck with the browser's own return: the client itself has to ask with its cursor.
    server.answersStreamsWith(503);
    server.publishesMany(3);
    await clock.passes(3_000);
    server.answersStreamsWith(200);
    await clock.passes(60_000);
    server.publishesMany(1);
    await clock.passes(1_000);
    expect.soft(asked.filter((one) => /\?.*\?|#.*[?/]|\?.*\/poll|\/\/poll/.test(one))).toEqual([]);
    expect.soft(heard).toEqual([1, 2, 3, 4, 5]);
    if (url.includes("token"))
      expect
        .soft(
          asked.filter((one) => !one.includes("token=x")),
          "the query is kept",
        )
        .toEqual([]);
  });
});

it("an address that is none throws at construction, where no browser is needed", () => {
  expect(() => new SSEClient({ url: "http://" })).toThrow(TypeError);
});
