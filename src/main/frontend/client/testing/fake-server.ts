import { parseEventId, type SSEEvent } from "../event.js";
import type { Auth } from "../identity.js";
import type { FetchStream } from "../token-access.js";
import type { FakeClock } from "./fake-clock.js";
import { FakeLog, type Frame, frameOf, type Sight } from "./fake-log.js";

/** Who runs what the network brings: a page that may be frozen, or gone. */
export type Runner = (run: () => void) => void;

interface Answer {
  readonly status: number;
  readonly isPage?: boolean;
  readonly retryAfter?: number | string;
}

/** Who is signed in, and until when on the clock of `elapsed()`. */
interface Session {
  readonly name: string;
  readonly rights: string;
  readonly until: number | null;
}

/** For how long somebody is signed in, and the fingerprint of the rights. */
export interface SignIn {
  readonly rights?: string;
  readonly expiresInMillis?: number | null;
}

type LogStatus = "ok" | "failing" | "stale";

/** One of several nodes; while it is cut off from the log, `memory` is what it knows of it. */
interface FakeNode {
  memory: FakeLog | null;
  cutOffAt: number;
}

const LATENCY_MILLIS = 5;

/** A node that cannot reach the log says so after this time, */
const STALE_AFTER_MILLIS = 3_000;

/** and the load balancer gives newcomers to other nodes after this time. */
const UNREADY_AFTER_MILLIS = 10_000;

/** A server whose days are written in sentences, over a network whose days are written in sentences. */
export class FakeServer {
  readonly log = new FakeLog();
  readonly streams = new Set<FakeEventSource>();
  keepaliveMillis = 15_000;
  retryMillis = 2_000;
  /** How long requests take that are made by `fetch`. */
  fetchLatencyMillis = LATENCY_MILLIS;
  /** Whether polls name the user, as `hello` does. */
  saysInPollsWhoIsSignedIn = false;
  /** Every request, in order: what a client asked and when. */
  readonly requests: { readonly at: number; readonly path: string }[] = [];
  #network: "up" | "refusing" | "dark" = "up";
  #isGateway = false;
  #streamAnswer: Answer = { status: 200 };
  #pollAnswer: Answer = { status: 200 };
  #deaf = 0;
  #leavesEmpty = false;
  #redirects = false;
  #cache: Response | null = null;
  #answersFromCache = false;
  #logStatus: LogStatus = "ok";
  #logSince = 0;
  #nodes: FakeNode[] = [{ memory: null, cutOffAt: 0 }];
  #turn = 0;
  /** Whether the load balancer asks the nodes for their health. */
  balancerChecks = true;
  /** The cookie of the browser; undefined: the server knows no identities. */
  #session: Session | null | undefined;
  /** Null: the server knows no tokens. */
  #tokens: Map<string, Session> | null = null;
  readonly #audiences = new Map<SSEEvent, string>();
  /** To whom streams that are read by `fetch` were granted. */
  readonly #granted = new WeakMap<Response, Session | null | undefined>();

  constructor(readonly clock: FakeClock) {
    const keepalive = () => {
      for (const stream of this.streams) {
        const { newest } = this.#logOf(stream.node);
        const skips = stream.isHeld ? [] : this.#skips(stream, newest);
        for (const skip of skips) stream.send(skip);
        stream.send(["keepalive", stream.lastSentId, JSON.stringify({ newest })]);
      }
      clock.setTimeout(keepalive, this.keepaliveMillis);
    };
    clock.setTimeout(keepalive, this.keepaliveMillis);
  }

  // ---- sentences

  publishes(type: string, data: unknown = {}): SSEEvent {
    return this.#publish(type, data, null);
  }

  /** An event that only this user sees. */
  publishesTo(name: string, type = "event_created"): SSEEvent {
    return this.#publish(type, {}, name);
  }

  #publish(type: string, data: unknown, audience: string | null): SSEEvent {
    const event = this.log.append(type, data, new Date(this.clock.now()).toISOString());
    if (audience !== null) this.#audiences.set(event, audience);
    if (this.#deaf > 0) {
      this.#deaf -= 1;
      return event;
    }
    const offset = this.log.newest;
    for (const stream of this.streams) {
      if (this.#nodes[stream.node]?.memory || !this.#sightOf(stream.session)(event)) continue;
      for (const skip of this.#skips(stream, offset - 1)) stream.send(skip);
      stream.send(frameOf(event));
    }
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

  /** A proxy leaves new streams without an answer. */
  leavesNewStreamsEmpty(on = true): void {
    this.#leavesEmpty = on;
  }

  answersStreamsWith(status: number): void {
    this.#streamAnswer = { status };
    if (status !== 200) this.cutsItsStreams();
  }

  /** As {@link answersStreamsWith}, but streams that are open go on. */
  refusesNewStreams(status: number): void {
    this.#streamAnswer = { status };
  }

  answersPollsWith(status: number, retryAfter?: number | string): void {
    this.#pollAnswer = retryAfter === undefined ? { status } : { status, retryAfter };
  }

  answersEverythingWith(status: number, retryAfter?: number | string): void {
    this.answersPollsWith(status, retryAfter);
    this.answersStreamsWith(status);
  }

  /** From now on, the browser's cookie says who it is. Open streams keep the identity that they began with. */
  signsIn(name: string, { rights = "00000001", expiresInMillis = null }: SignIn = {}): void {
    this.#session = { name, rights, until: this.#until(expiresInMillis) };
  }

  /** The cookie is gone, and the server serves those who are nobody, too, unless it is told to answer 401. */
  signsOut(): void {
    this.#session = null;
  }

  /** The server wants tokens, and this is one. Returns it. */
  issues(name: string, { rights = "00000001", expiresInMillis = null }: SignIn = {}): string {
    this.#tokens ??= new Map();
    const token = `token ${this.#tokens.size + 1} of ${name}`;
    this.#tokens.set(token, { name, rights, until: this.#until(expiresInMillis) });
    return token;
  }

  /** No token that was issued is good any more. */
  revokesItsTokens(): void {
    this.#tokens = new Map();
  }

  /** Every request is answered with a page: by a gateway, for instance. */
  answersEverythingWithAPage(status = 200): void {
    this.#pollAnswer = { status, isPage: true };
    this.#streamAnswer = { status: 406 };
    this.cutsItsStreams();
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

  /** So many nodes share the log, and a load balancer gives them requests in turn. */
  isServedBy(nodes: number): void {
    this.#nodes = Array.from({ length: nodes }, () => ({ memory: null, cutOffAt: 0 }));
  }

  get nodes(): number {
    return this.#nodes.length;
  }

  /** Whether no node reaches the log, so that nobody can publish. */
  get isCutOff(): boolean {
    return this.#nodes.every(({ memory }) => memory !== null);
  }

  /** These nodes cannot reach the log any more: they hold their streams, and say so after 3 s. Default: all. */
  nodesLoseTheLog(...nodes: readonly number[]): void {
    for (const [number, node] of this.#nodes.entries()) {
      if (node.memory || (nodes.length > 0 && !nodes.includes(number))) continue;
      const memory = this.log.copy();
      node.memory = memory;
      node.cutOffAt = this.clock.elapsed();
      this.clock.setTimeout(() => {
        if (node.memory === memory) this.#tellStatus(number);
      }, STALE_AFTER_MILLIS);
    }
  }

  /** These nodes reach the log again. Default: all. */
  nodesFindTheLog(...nodes: readonly number[]): void {
    for (const [number, node] of this.#nodes.entries()) {
      if (!node.memory || (nodes.length > 0 && !nodes.includes(number))) continue;
      node.memory = null;
      for (const stream of [...this.streams].filter((one) => one.node === number)) {
        if (stream.isHeld || this.log.fault(stream.lastSentId)) {
          this.#drain(stream, "shutdown", 100 + LATENCY_MILLIS);
          stream.breaks();
          continue;
        }
        const at = parseEventId(stream.lastSentId)?.offset ?? 0;
        const frames = this.log.framesAfter(at, this.#sightOf(stream.session));
        for (const frame of frames) stream.send(frame);
      }
      this.#tellStatus(number);
    }
  }

  #tellStatus(node: number): void {
    for (const stream of this.streams) {
      if (stream.node === node) stream.send(this.#statusFrame(stream));
    }
  }

  /** The node that the load balancer chooses next. */
  #next(): number {
    const isReady = ({ memory, cutOffAt }: FakeNode) =>
      memory === null || this.clock.elapsed() - cutOffAt < UNREADY_AFTER_MILLIS;
    const all = [...this.#nodes.keys()];
    const ready = this.#nodes.flatMap((node, number) => (isReady(node) ? [number] : []));
    const choice = this.balancerChecks && ready.length > 0 ? ready : all;
    this.#turn += 1;
    return choice[this.#turn % choice.length] ?? 0;
  }

  #logOf(node: number): FakeLog {
    return this.#nodes[node]?.memory ?? this.log;
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

  announcesADrain(reconnectMillis: number, reason = "shutdown"): void {
    for (const stream of [...this.streams]) this.#drain(stream, reason, reconnectMillis);
  }

  #drain(stream: FakeEventSource, reason: string, reconnectMillis: number): void {
    stream.retryMillis = reconnectMillis;
    stream.send(["drain", stream.lastSentId, JSON.stringify({ reason, reconnectMillis })]);
  }

  /** The server ends all streams as it does when a user signs out or is shut out. */
  endsItsStreams(reason: "signed_out" | "revoked" | "expired", reconnectMillis = 1_000): void {
    this.announcesADrain(reconnectMillis, reason);
    this.cutsItsStreams();
  }

  get reachable(): boolean {
    return this.#network === "up";
  }

  count(path: string): number {
    return this.requests.filter((request) => request.path.startsWith(path)).length;
  }

  // ---- what a browser sees of it

  /** @param fetch how the stream is requested; default: as browsers do it, with cookies */
  eventSource(url: string, run: Runner, fetch?: FetchStream): EventSource {
    return new FakeEventSource(this, url, run, fetch) as unknown as EventSource;
  }

  /** A request of the browser, with the answer that `Last-Event-ID` earns. */
  connects(stream: FakeEventSource, lastEventId: string | null): void {
    this.requests.push({ at: this.clock.now(), path: "/api/sse" });
    if (this.#network === "dark" || this.#leavesEmpty) return;
    this.clock.setTimeout(() => {
      if (stream.readyState !== 0) return;
      const session = this.#sessionOf({});
      if (this.#network !== "up") stream.breaks();
      else if (this.#redirects || this.#streamAnswer.status !== 200 || session === "refused") {
        stream.fails();
      } else this.#begin(stream, session, lastEventId);
    }, LATENCY_MILLIS);
  }

  /** A stream that is read by `fetch` was answered with 200. */
  begins(stream: FakeEventSource, response: Response, lastEventId: string | null): void {
    this.#begin(stream, this.#granted.get(response), lastEventId);
  }

  #begin(stream: FakeEventSource, session: Session | null | undefined, after: string | null): void {
    this.streams.add(stream);
    stream.session = session;
    stream.node = this.#next();
    stream.opens();
    stream.retryMillis = this.retryMillis;
    const auth = this.#auth(session);
    const sees = this.#sightOf(session);
    const log = this.#logOf(stream.node);
    // Only the log itself can say that a cursor is wrong.
    stream.isHeld = log !== this.log && after !== null && log.fault(after) !== null;
    const [hello, ...rest] = log.beginning(after, this.keepaliveMillis, auth, sees);
    if (!hello) return;
    const [name, id, data] = hello;
    stream.send(stream.isHeld ? [name, id, data.replace("incomplete", "complete")] : hello);
    if (this.#status(stream.node).log !== "ok") stream.send(this.#statusFrame(stream));
    if (!stream.isHeld) for (const frame of rest) stream.send(frame);
    if (!session || session.until === null) return;
    this.clock.setTimeout(() => {
      if (!this.streams.has(stream)) return;
      this.#drain(stream, "expired", this.retryMillis);
      stream.breaks();
    }, session.until - this.clock.elapsed());
  }

  async fetch(url: string, init: RequestInit, run: Runner): Promise<Response> {
    const { pathname, searchParams } = new URL(url);
    this.requests.push({ at: this.clock.now(), path: pathname });
    const session = this.#sessionOf(init);
    await this.#latency(init, run);
    if (this.#answersFromCache && this.#cache) return this.#cache;
    if (this.#network !== "up") throw new TypeError("Failed to fetch");
    if (this.#redirects) {
      return { type: "opaqueredirect", ok: false, status: 0, headers: new Headers() } as Response;
    }
    const isStream = pathname === "/api/sse";
    const { status, retryAfter, isPage } = isStream ? this.#streamAnswer : this.#pollAnswer;
    if (isPage) return this.#answer(status, "<html>", retryAfter, "text/html;charset=UTF-8");
    if (status !== 200) return this.#answer(status, {}, retryAfter);
    if (session === "refused") return this.#answer(401, {});
    if (isStream) {
      const response = this.#answer(200, null);
      this.#granted.set(response, session);
      return response;
    }
    if (pathname === "/api/sse/test") {
      const nonce = `nonce-${this.log.newest}`;
      this.clock.setTimeout(() => this.publishes("test", { nonce }), 20);
      return this.#answer(202, { nonce, subscribers: this.streams.size });
    }
    if (this.#isGateway) return this.#answer(200, { message: "hello" });
    const node = this.#next();
    const log = this.#logOf(node);
    const after = searchParams.get("after");
    if (log !== this.log && after !== null && log.fault(after)) return this.#answer(503, {});
    const seen = log.poll(after, 500, this.#sightOf(session));
    const auth = this.saysInPollsWhoIsSignedIn ? { auth: this.#auth(session) } : {};
    const page = { ...seen, ...auth, status: this.#status(node) };
    this.#cache = this.#answer(200, page);
    return this.#cache;
  }

  #latency(init: RequestInit, run: Runner): Promise<void> {
    return new Promise((done, failed) => {
      const abort = () => failed(new DOMException("aborted", "AbortError"));
      if (init.signal?.aborted) abort();
      init.signal?.addEventListener("abort", abort);
      if (this.#network === "dark") return;
      this.clock.setTimeout(() => run(done), this.fetchLatencyMillis);
    });
  }

  #until(expiresInMillis: number | null): number | null {
    return expiresInMillis === null ? null : this.clock.elapsed() + expiresInMillis;
  }

  #sessionOf({ headers }: RequestInit): Session | null | undefined | "refused" {
    let session = this.#session;
    if (this.#tokens) {
      const { Authorization = "" } = (headers ?? {}) as Record<string, string>;
      session = this.#tokens.get(Authorization.replace("Bearer ", ""));
      if (!session) return "refused";
    }
    const isOver = session && session.until !== null && session.until <= this.clock.elapsed();
    return isOver ? "refused" : session;
  }

  #auth(session: Session | null | undefined): Auth | null | undefined {
    if (!session) return session;
    const { name, rights, until } = session;
    const expiresInMillis = until === null ? null : until - this.clock.elapsed();
    return { subject: `hash of ${name}`, name, rights, expiresInMillis };
  }

  #sightOf(session: Session | null | undefined): Sight {
    return (event) => {
      const audience = this.#audiences.get(event);
      return audience === undefined || audience === session?.name;
    };
  }

  /** What has to be said before the next frame of a stream. */
  #skips(stream: FakeEventSource, to: number): Frame[] {
    const at = parseEventId(stream.lastSentId)?.offset ?? to;
    return this.log.skip(at, to, this.#sightOf(stream.session));
  }

  #answer(
    status: number,
    body: unknown,
    retryAfter?: number | string,
    contentType = "application/json",
  ): Response {
    const date = new Date(this.clock.now()).toUTCString();
    const headers = new Headers({ Date: date, "Content-Type": contentType });
    if (retryAfter !== undefined) headers.set("Retry-After", String(retryAfter));
    const json = async () => structuredClone(body);
    return { ok: status < 300, status, headers, json } as Response;
  }

  #status(node: number) {
    const { memory, cutOffAt } = this.#nodes[node] ?? { memory: null, cutOffAt: 0 };
    const now = this.clock.elapsed();
    if (memory && now - cutOffAt >= STALE_AFTER_MILLIS) {
      return { log: "stale", sinceMillis: now - cutOffAt };
    }
    const isOk = this.#logStatus === "ok";
    return { log: this.#logStatus, sinceMillis: isOk ? 0 : now - this.#logSince };
  }

  #statusFrame(stream: FakeEventSource): Frame {
    return ["status", stream.lastSentId, JSON.stringify(this.#status(stream.node))];
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
  readonly #url: string;
  readonly #run: Runner;
  readonly #fetch: FetchStream | undefined;
  readonly #request = new AbortController();
  /** Set by the server. */
  session: Session | null | undefined;
  /** The node that serves it. */
  node = 0;
  /** The node cannot judge its cursor, and sends no events until it can. */
  isHeld = false;

  constructor(server: FakeServer, url: string, run: Runner, fetch?: FetchStream) {
    this.#server = server;
    this.#url = url;
    this.#run = run;
    this.#fetch = fetch;
    this.#lastEventId = new URL(url).searchParams.get("lastEventId");
    this.lastSentId = this.#lastEventId ?? server.log.newestId;
    this.#connect();
  }

  #connect(): void {
    if (this.#fetch) void this.#connectByFetch(this.#fetch);
    else this.#server.connects(this, this.#lastEventId);
  }

  async #connectByFetch(fetch: FetchStream): Promise<void> {
    try {
      const response = await fetch(this.#url, { headers: {}, signal: this.#request.signal });
      if (this.readyState !== 0) return;
      if (response.status === 200) this.#server.begins(this, response, this.#lastEventId);
      else this.fails();
    } catch {
      if (this.readyState === 0) this.breaks();
    }
  }

  addEventListener(name: string, listener: Listener): void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
  }

  close(): void {
    this.readyState = 2;
    this.#request.abort();
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
      if (this.readyState === 0) this.#run(() => this.#connect());
    }, this.retryMillis);
  }

  /** An HTTP error: the browser tells, and gives up. */
  fails(): void {
    this.readyState = 2;
    this.#server.streams.delete(this);
    this.#run(() => this.onerror?.());
  }
}
