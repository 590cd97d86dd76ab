import { parseEventId, type SSEEvent } from "../event.js";
import type { FakeClock } from "./fake-clock.js";
import { FakeLog, type Frame, frameOf } from "./fake-log.js";

/** Who runs what the network brings: a page that may be frozen, or gone. */
export type Runner = (run: () => void) => void;

interface Answer {
  readonly status: number;
  readonly retryAfter?: number | string;
}

type LogStatus = "ok" | "failing" | "stale";

const LATENCY_MILLIS = 5;

/** A server whose days are written in sentences, over a network whose days are written in sentences. */
export class FakeServer {
  readonly log = new FakeLog();
  readonly streams = new Set<FakeEventSource>();
  keepaliveMillis = 15_000;
  retryMillis = 2_000;
  /** Every request, in order: what a client asked and when. */
  readonly requests: { readonly at: number; readonly path: string }[] = [];
  #network: "up" | "refusing" | "dark" = "up";
  #isGateway = false;
  #streamAnswer: Answer = { status: 200 };
  #pollAnswer: Answer = { status: 200 };
  #deaf = 0;
  #redirects = false;
  #cache: Response | null = null;
  #answersFromCache = false;
  #logStatus: LogStatus = "ok";
  #logSince = 0;

  constructor(readonly clock: FakeClock) {
    const keepalive = () => {
      for (const stream of this.streams) stream.send(this.#keepalive(stream));
      clock.setTimeout(keepalive, this.keepaliveMillis);
    };
    clock.setTimeout(keepalive, this.keepaliveMillis);
  }

  // ---- sentences

  publishes(type: string, data: unknown = {}): SSEEvent {
    const event = this.log.append(type, data, new Date(this.clock.now()).toISOString());
    if (this.#deaf > 0) {
      this.#deaf -= 1;
      return event;
    }
    for (const stream of this.streams) stream.send(frameOf(event));
    return event;
  }

  publishesMany(count: number): void {
    for (let n = 0; n < count; n += 1) this.publishes("event_created", { n });
  }

  /** The next events reach the log, but by some mistake not the streams. */
  forgetsToSend(count: number): void {
    this.#deaf = count;
  }

  cutsItsStreams(): void {
    for (const stream of [...this.streams]) stream.breaks();
  }

  restarts(): void {
    this.log.reopen();
    this.cutsItsStreams();
  }

  goesDown(): void {
    this.#network = "refusing";
    this.cutsItsStreams();
  }

  /** Nothing arrives any more, and nobody is told. */
  vanishesWithoutAWord(): void {
    this.#network = "dark";
  }

  comesBack(): void {
    if (this.#network === "dark") this.streams.clear();
    this.#network = "up";
  }

  answersStreamsWith(status: number): void {
    this.#streamAnswer = { status };
    if (status !== 200) this.cutsItsStreams();
  }

  answersPollsWith(status: number, retryAfter?: number | string): void {
    this.#pollAnswer = retryAfter === undefined ? { status } : { status, retryAfter };
  }

  answersEverythingWith(status: number, retryAfter?: number | string): void {
    this.answersPollsWith(status, retryAfter);
    this.answersStreamsWith(status);
  }

  /** The session is over: every request is redirected to a login page. */
  redirectsToALoginPage(on = true): void {
    this.#redirects = on;
    if (on) this.cutsItsStreams();
  }

  /** A service worker answers every poll with the last answer that the server gave. */
  isHiddenByACache(on = true): void {
    this.#answersFromCache = on;
  }

  /** The log begins to fail, or works again; the streams are told. */
  logBecomes(status: LogStatus): void {
    this.#logStatus = status;
    this.#logSince = this.clock.elapsed();
    for (const stream of this.streams) stream.send(this.#statusFrame(stream));
  }

  /** Somebody else answers polls, with 200 and JSON of his own. */
  givesWayToAGateway(): void {
    this.#isGateway = true;
    this.answersStreamsWith(502);
  }

  announcesADrain(reconnectMillis: number): void {
    for (const stream of [...this.streams]) {
      const data = { reason: "shutdown", reconnectMillis };
      stream.retryMillis = reconnectMillis;
      stream.send(["drain", stream.lastSentId, JSON.stringify(data)]);
    }
  }

  get reachable(): boolean {
    return this.#network === "up";
  }

  count(path: string): number {
    return this.requests.filter((request) => request.path.startsWith(path)).length;
  }

  // ---- what a browser sees of it

  eventSource(url: string, run: Runner): EventSource {
    return new FakeEventSource(this, url, run) as unknown as EventSource;
  }

  /** A request of the browser, with the answer that `Last-Event-ID` earns. */
  connects(stream: FakeEventSource, lastEventId: string | null): void {
    this.requests.push({ at: this.clock.now(), path: "/api/sse" });
    if (this.#network === "dark") return;
    this.clock.setTimeout(() => {
      if (stream.readyState !== 0) return;
      if (this.#network !== "up") stream.breaks();
      else if (this.#redirects || this.#streamAnswer.status !== 200) stream.fails();
      else {
        this.streams.add(stream);
        stream.opens();
        stream.retryMillis = this.retryMillis;
        const [hello, ...rest] = this.log.beginning(lastEventId, this.keepaliveMillis);
        if (!hello) return;
        stream.send(hello);
        if (this.#logStatus !== "ok") stream.send(this.#statusFrame(stream));
        for (const frame of rest) stream.send(frame);
      }
    }, LATENCY_MILLIS);
  }

  async fetch(url: string, init: RequestInit, run: Runner): Promise<Response> {
    const { pathname, searchParams } = new URL(url);
    this.requests.push({ at: this.clock.now(), path: pathname });
    await this.#latency(init, run);
    if (this.#answersFromCache && this.#cache) return this.#cache;
    if (this.#network !== "up") throw new TypeError("Failed to fetch");
    if (this.#redirects) return { type: "opaqueredirect", ok: false, status: 0 } as Response;
    const { status, retryAfter } = this.#pollAnswer;
    if (status !== 200) return this.#answer(status, {}, retryAfter);
    if (pathname === "/api/sse/test") {
      const nonce = `nonce-${this.log.newest}`;
      this.clock.setTimeout(() => this.publishes("test", { nonce }), 20);
      return this.#answer(202, { nonce, subscribers: this.streams.size });
    }
    if (this.#isGateway) return this.#answer(200, { message: "hello" });
    const page = { ...this.log.poll(searchParams.get("after")), status: this.#status() };
    this.#cache = this.#answer(200, page);
    return this.#cache;
  }

  #latency(init: RequestInit, run: Runner): Promise<void> {
    return new Promise((done, failed) => {
      const abort = () => failed(new DOMException("aborted", "AbortError"));
      if (init.signal?.aborted) abort();
      init.signal?.addEventListener("abort", abort);
      if (this.#network === "dark") return;
      this.clock.setTimeout(() => run(done), LATENCY_MILLIS);
    });
  }

  #answer(status: number, body: unknown, retryAfter?: number | string): Response {
    const headers = new Headers({ Date: new Date(this.clock.now()).toUTCString() });
    if (retryAfter !== undefined) headers.set("Retry-After", String(retryAfter));
    const json = async () => structuredClone(body);
    return { ok: status < 300, status, headers, json } as Response;
  }

  #status() {
    const isOk = this.#logStatus === "ok";
    const sinceMillis = isOk ? 0 : this.clock.elapsed() - this.#logSince;
    return { log: this.#logStatus, sinceMillis };
  }

  #statusFrame(stream: FakeEventSource): Frame {
    return ["status", stream.lastSentId, JSON.stringify(this.#status())];
  }

  #keepalive(stream: FakeEventSource): Frame {
    return ["keepalive", stream.lastSentId, JSON.stringify({ newest: this.log.newest })];
  }
}

type Listener = (frame: { lastEventId: string; data: string }) => void;

/** An `EventSource` as browsers have it: it returns by itself from a broken network, and not from an HTTP error. */
export class FakeEventSource {
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  retryMillis = 3_000;
  lastSentId: string;
  #lastEventId: string | null;
  readonly #listeners = new Map<string, Listener[]>();
  readonly #server: FakeServer;
  readonly #run: Runner;

  constructor(server: FakeServer, url: string, run: Runner) {
    this.#server = server;
    this.#run = run;
    this.#lastEventId = new URL(url).searchParams.get("lastEventId");
    this.lastSentId = this.#lastEventId ?? server.log.newestId;
    server.connects(this, this.#lastEventId);
  }

  addEventListener(name: string, listener: Listener): void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
  }

  close(): void {
    this.readyState = 2;
    this.#server.streams.delete(this);
  }

  opens(): void {
    this.readyState = 1;
    this.#run(() => this.onopen?.());
  }

  send([name, id, data]: Frame): void {
    if (!this.#server.reachable || !this.#server.streams.has(this)) return;
    if (parseEventId(id)) this.lastSentId = id;
    this.#run(() => {
      if (this.readyState === 2) return;
      this.#lastEventId = id;
      for (const listener of this.#listeners.get(name) ?? []) listener({ lastEventId: id, data });
    });
  }

  /** The network broke: the browser tells, waits `retry`, and asks again. */
  breaks(): void {
    this.#server.streams.delete(this);
    if (this.readyState === 2) return;
    this.readyState = 0;
    this.#run(() => this.onerror?.());
    this.#server.clock.setTimeout(() => {
      if (this.readyState === 0) this.#run(() => this.#server.connects(this, this.#lastEventId));
    }, this.retryMillis);
  }

  /** An HTTP error: the browser tells, and gives up. */
  fails(): void {
    this.readyState = 2;
    this.#server.streams.delete(this);
    this.#run(() => this.onerror?.());
  }
}
