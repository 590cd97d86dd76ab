import { beforeEach, describe, expect, it } from "vitest";
import { forcePolling, measureLatency } from "./debug.js";
import { FakeBrowser, type FakeTab } from "./testing/fake-browser.js";
import { FakeClock } from "./testing/fake-clock.js";
import { FakeServer } from "./testing/fake-server.js";

let clock: FakeClock;
let server: FakeServer;
let browser: FakeBrowser;
let tab: FakeTab;

beforeEach(() => {
  clock = new FakeClock();
  server = new FakeServer(clock);
  browser = new FakeBrowser(clock, server);
  tab = browser.opensATab();
});

async function connected(): Promise<void> {
  tab.client.connect();
  await clock.passes(100);
  expect(tab.client.status).toBe("connected");
}

const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe("connecting", () => {
  it("is reconnecting until hello, then connected", async () => {
    await connected();
    expect(tab.statuses).toEqual(["reconnecting", "connected"]);
    expect(server.count("/api/sse/poll")).toBe(0);
  });

  it("begins with what is new", async () => {
    server.publishesMany(3);
    await connected();
    server.publishes("flash_message");
    await clock.passes(10);
    expect(tab.heard).toEqual([4]);
  });

  it("begins after the snapshot that it is given", async () => {
    server.publishesMany(3);
    tab.client.connect({ after: `${server.log.epoch}-1` });
    await clock.passes(100);
    expect(tab.heard).toEqual([2, 3]);
  });

  it("leaves nothing behind when a handler ends it", async () => {
    const before = clock.pending;
    await connected();
    server.goesDown();
    await clock.passes(3_000);
    tab.client.onEvent(() => tab.client.disconnect());
    server.publishesMany(1);
    server.answersStreamsWith(503);
    server.comesBack();
    await clock.passes(30_000);
    expect(tab.heard).toEqual([1]);
    expect(clock.pending).toBe(before);
  });

  it("takes a gateway that answers in the server's place for none", async () => {
    await connected();
    server.givesWayToAGateway();
    await clock.passes(80_000);
    expect(tab.client.status).toBe("disconnected");
  });

  it("twice is once", async () => {
    tab.client.connect();
    tab.client.connect();
    await clock.passes(100);
    expect(server.streams.size).toBe(1);
  });

  it("leaves no stream, timer or listener behind when it is over, and may be over twice", async () => {
    const before = clock.pending;
    await connected();
    tab.client.disconnect();
    tab.client.disconnect();
    await clock.passes(20);
    expect(server.streams.size).toBe(0);
    expect(clock.pending).toBe(before);
    expect(tab.listeners).toBe(0);
    expect(browser.channels.size).toBe(0);
    expect(browser.leader).toBeUndefined();
    expect(tab.client.status).toBe("disconnected");
  });

  it("leaves nothing behind in the middle of a failure either", async () => {
    const before = clock.pending;
    server.goesDown();
    tab.client.connect();
    await clock.passes(7_300);
    tab.client.disconnect();
    await clock.passes(6_000);
    expect(clock.pending).toBe(before);
  });

  it("goes on where it stopped", async () => {
    await connected();
    server.publishesMany(2);
    await clock.passes(10);
    tab.client.disconnect();
    server.publishesMany(2);
    tab.client.connect();
    await clock.passes(100);
    expect(tab.heard).toEqual([1, 2, 3, 4]);
  });
});

describe("a stream that breaks", () => {
  it("is taken up again without a lost or doubled event", async () => {
    await connected();
    server.publishesMany(2);
    server.cutsItsStreams();
    server.publishesMany(2);
    await clock.passes(5_000);
    server.publishesMany(1);
    await clock.passes(10);
    expect(tab.heard).toEqual(upTo(5));
    expect(tab.statuses).toEqual(["reconnecting", "connected", "reconnecting", "connected"]);
  });

  it("is polled beside at once, so that nobody is blind meanwhile", async () => {
    await connected();
    server.cutsItsStreams();
    server.publishesMany(1);
    await clock.passes(50);
    expect(tab.client.status).toBe("reconnecting");
    expect(tab.heard).toEqual([1]);
  });

  it("waits for as long as the server's retry says", async () => {
    server.retryMillis = 9_000;
    await connected();
    const cutAt = clock.now();
    server.cutsItsStreams();
    await clock.passes(20_000);
    const attempt = server.requests.filter(({ path }) => path === "/api/sse")[1];
    expect(attempt?.at).toBe(cutAt + 9_000);
    expect(tab.client.status).toBe("connected");
  });

  it("that is silent is found by the watchdog", async () => {
    await connected();
    server.vanishesWithoutAWord();
    await clock.passes(37_600);
    expect(tab.client.status).toBe("reconnecting");
    server.publishesMany(1);
    server.comesBack();
    await clock.passes(10_000);
    expect(tab.client.status).toBe("connected");
    expect(tab.heard).toEqual([1]);
  });

  it("that was slept over is looked at on waking", async () => {
    await connected();
    server.cutsItsStreams = () => {};
    server.streams.clear();
    server.publishesMany(3);
    clock.sleeps(3_600_000);
    tab.happens("visibilitychange");
    await clock.passes(1_000);
    expect(tab.heard).toEqual([1, 2, 3]);
  });

  it("a stream that opens without hello is none", async () => {
    server.log.beginning = () => [];
    tab.client.connect();
    await clock.passes(5_100);
    expect(tab.client.status).toBe("reconnecting");
    expect(tab.client.store.getState().attempts).toBe(1);
  });
});

describe("five attempts that fail", () => {
  it("leave polling alone, where polls succeed", async () => {
    await connected();
    server.answersStreamsWith(503);
    await clock.passes(60_000);
    expect(tab.client.status).toBe("polling");
    server.publishesMany(2);
    await clock.passes(5_000);
    expect(tab.heard).toEqual([1, 2]);
    expect(tab.statuses.slice(2)).toEqual(["reconnecting", "polling"]);
  });

  it("are followed by a probe every 30 s, and by SSE when it is back", async () => {
    await connected();
    server.answersStreamsWith(503);
    await clock.passes(60_000);
    server.answersStreamsWith(200);
    for (let n = 0; n < 30; n += 1) {
      server.publishesMany(1);
      await clock.passes(1_000);
    }
    expect(tab.client.status).toBe("connected");
    expect(tab.heard).toEqual(upTo(30));
  });

  it("are five", async () => {
    await connected();
    server.answersStreamsWith(503);
    const before = server.count("/api/sse") - server.count("/api/sse/");
    while (tab.client.status !== "polling") await clock.passes(500);
    expect(server.count("/api/sse") - server.count("/api/sse/") - before).toBe(5);
  });

  it("end in disconnected where polls fail too, and never stop", async () => {
    await connected();
    server.goesDown();
    await clock.passes(70_000);
    expect(tab.client.status).toBe("disconnected");
    server.publishesMany(3);
    server.comesBack();
    await clock.passes(16_000);
    expect(tab.client.status).toBe("connected");
    expect(tab.heard).toEqual([1, 2, 3]);
  });

  it("are cut short when the network says it is back", async () => {
    await connected();
    server.goesDown();
    await clock.passes(300_000);
    server.comesBack();
    tab.happens("online");
    await clock.passes(50);
    expect(tab.client.status).toBe("connected");
  });
});

describe("an answer that is no network failure", () => {
  it.each([401, 403])(
    "%i is a refusal: disconnected, and asked again now and then",
    async (status) => {
      await connected();
      server.answersEverythingWith(status);
      await clock.passes(100);
      expect(tab.client.status).toBe("disconnected");
      expect(tab.client.store.getState().reason).toContain(String(status));
      server.answersEverythingWith(200);
      await clock.passes(16_000);
      expect(tab.client.status).toBe("connected");
    },
  );

  it("503 with Retry-After is obeyed by polls and attempts", async () => {
    await connected();
    server.answersEverythingWith(503, 50);
    await clock.passes(100);
    const asked = server.requests.length;
    await clock.passes(45_000);
    expect(server.requests.length).toBe(asked);
    server.answersEverythingWith(200);
    await clock.passes(20_000);
    expect(tab.client.status).toBe("connected");
  });
});

describe("a drain", () => {
  it("stays connected until the announced delay is over, and comes back then", async () => {
    await connected();
    server.announcesADrain(3_000);
    server.cutsItsStreams();
    server.publishesMany(2);
    await clock.passes(2_900);
    expect(server.streams.size).toBe(0);
    await clock.passes(200);
    expect(tab.statuses).toEqual(["reconnecting", "connected"]);
    expect(tab.heard).toEqual([1, 2]);
    expect(server.streams.size).toBe(1);
  });

  it("is a break where the server is not back 5 s later", async () => {
    await connected();
    server.announcesADrain(3_000);
    server.goesDown();
    await clock.passes(7_900);
    expect(tab.client.status).toBe("connected");
    expect(tab.client.store.getState().attempts).toBe(0);
    await clock.passes(200);
    expect(tab.client.status).toBe("reconnecting");
  });
});

describe("order and once", () => {
  it("a gap in the stream is filled by a poll before anything else is delivered", async () => {
    await connected();
    server.publishesMany(1);
    server.forgetsToSend(2);
    server.publishesMany(4);
    await clock.passes(50);
    expect(tab.heard).toEqual(upTo(5));
    expect(tab.client.status).toBe("connected");
  });

  it("a gap that only a keepalive shows is filled as well", async () => {
    await connected();
    server.publishesMany(1);
    server.forgetsToSend(1);
    server.publishesMany(1);
    for (const stream of server.streams) stream.lastSentId = server.log.newestId;
    await clock.passes(16_000);
    expect(tab.heard).toEqual([1, 2]);
  });

  it("a restart alone loses nothing and resets nothing", async () => {
    await connected();
    server.publishesMany(2);
    await clock.passes(10);
    server.restarts();
    server.publishesMany(2);
    await clock.passes(5_000);
    expect(tab.heard).toEqual([1, 2, 3, 4]);
    expect(tab.client.store.getState().epoch).toBe(server.log.epoch);
  });

  it("a log that lost its tail is never mistaken for the one that was known", async () => {
    await connected();
    server.publishesMany(10);
    await clock.passes(10);
    server.cutsItsStreams();
    server.log.loseTail(3);
    server.publishesMany(5);
    await clock.passes(5_000);
    expect(tab.heard).toEqual([...upTo(10), "reset", ...upTo(12)]);
  });

  it("a cursor that was trimmed is reset before anything else is delivered", async () => {
    await connected();
    server.publishesMany(2);
    await clock.passes(10);
    server.goesDown();
    server.publishesMany(10);
    server.log.trimTo(4);
    server.comesBack();
    await clock.passes(5_000);
    expect(tab.heard).toEqual([1, 2, "reset", 9, 10, 11, 12]);
  });

  it("garbage to begin with is a reset, too", async () => {
    server.publishesMany(2);
    tab.client.connect({ after: "garbage" });
    await clock.passes(100);
    expect(tab.heard).toEqual(["reset", 1, 2]);
  });

  it("an event that nobody can read stops nothing", async () => {
    await connected();
    for (const stream of server.streams) {
      server.log.append("broken", {}, "");
      stream.send(["message", server.log.newestId, "{"]);
    }
    server.publishesMany(1);
    await clock.passes(50);
    expect(tab.heard.at(-1)).toBe(2);
  });

  it("a handler that throws is no other handler's problem", async () => {
    const seen: string[] = [];
    tab.client.on("event_created", () => {
      throw new Error("oops");
    });
    tab.client.on("event_created", ({ id }) => seen.push(id));
    await connected();
    server.publishesMany(2);
    await clock.passes(10);
    expect(seen).toHaveLength(2);
  });

  it("nor is a subscriber of the store that throws", async () => {
    await connected();
    tab.client.store.subscribe(() => {
      throw new Error("oops");
    });
    server.publishesMany(2);
    await clock.passes(10);
    expect(tab.heard).toEqual([1, 2]);
    expect(tab.reported[0]).toEqual(new Error("oops"));
  });
});

describe("by hand", () => {
  it("polling may be forced and given back", async () => {
    await connected();
    forcePolling(tab.client, true);
    await clock.passes(50);
    expect(tab.client.status).toBe("polling");
    expect(server.streams.size).toBe(0);
    server.publishesMany(2);
    await clock.passes(65_000);
    expect(server.streams.size).toBe(0);
    expect(tab.heard).toEqual([1, 2]);
    forcePolling(tab.client, false);
    await clock.passes(50);
    expect(tab.client.status).toBe("connected");
  });

  it("a reconnect is done at once", async () => {
    await connected();
    tab.client.reconnect();
    await clock.passes(50);
    expect(tab.statuses).toEqual(["reconnecting", "connected", "reconnecting", "connected"]);
  });

  it("latency is the way of a test event on one clock", async () => {
    await connected();
    const latency = measureLatency(tab.client);
    await clock.passes(100);
    expect(await latency).toBe(25);
  });
});

it("every change is logged with [SSE] and a time", async () => {
  await connected();
  server.cutsItsStreams();
  await clock.passes(10);
  expect(tab.logged).toContain(
    "[SSE] 2026-11-23T14:00:00.100Z connected -> reconnecting: the stream broke",
  );
});
