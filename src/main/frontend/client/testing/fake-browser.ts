import type { Channel, Environment, Locks } from "../environment.js";
import type { ConnectionStatus } from "../policy.js";
import { SSEClient, type SSEClientOptions } from "../sse-client.js";
import { TokenAccess } from "../token-access.js";
import { type Introduction, WorkerLeader } from "../worker-leader.js";
import type { FakeClock } from "./fake-clock.js";
import type { FakeServer } from "./fake-server.js";

interface LockRequest {
  readonly tab: FakeTab;
  readonly held: () => Promise<void>;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

/** A browser with tabs that share locks and channels, and that can be closed, crashed and frozen. */
export class FakeBrowser {
  readonly tabs: FakeTab[] = [];
  readonly channels = new Set<FakeChannel>();
  #holder: LockRequest | null = null;
  #queue: LockRequest[] = [];
  #seed = 1;
  #ids = 0;
  #worker: { readonly host: FakeTab; readonly leader: WorkerLeader } | null = null;
  /** Whether pages can start a shared worker. */
  hasWorkers = false;

  constructor(
    readonly clock: FakeClock,
    readonly server: FakeServer,
  ) {}

  opensATab(options: SSEClientOptions = {}, hasLocks = true): FakeTab {
    const tab = new FakeTab(this, options, hasLocks);
    this.tabs.push(tab);
    return tab;
  }

  newId(): string {
    this.#ids += 1;
    return `tab${this.#ids}`;
  }

  /** The shared worker of all tabs, begun by the first that asks for it. */
  get worker(): { readonly host: FakeTab; readonly leader: WorkerLeader } {
    if (!this.#worker) {
      const host = new FakeTab(this, {}, false);
      this.#worker = { host, leader: new WorkerLeader(host.environment) };
    }
    return this.#worker;
  }

  theWorkerCrashes(): void {
    this.#worker?.host.crashes();
    this.#worker = null;
  }

  /** Which tab holds the lock. */
  get leader(): FakeTab | undefined {
    return this.#holder?.tab;
  }

  random(): number {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647;
    return this.#seed / 2_147_483_647;
  }

  locksOf(tab: FakeTab): Locks {
    return {
      request: (_name, { signal, steal }, held) =>
        new Promise<void>((done, failed) => {
          const request = { tab, held, done, failed };
          const abort = () => {
            if (!this.#queue.includes(request)) return;
            this.#queue = this.#queue.filter((other) => other !== request);
            failed(new DOMException("aborted", "AbortError"));
          };
          signal?.addEventListener("abort", abort);
          if (!steal) {
            this.#queue.push(request);
            this.#grant();
            return;
          }
          const robbed = this.#holder;
          this.#holder = null;
          robbed?.tab.run(() => robbed.failed(new DOMException("stolen", "AbortError")));
          this.#give(request);
        }),
    };
  }

  /** The locks of a tab that is gone are free. */
  forget(tab: FakeTab): void {
    this.#queue = this.#queue.filter((request) => request.tab !== tab);
    if (this.#holder?.tab === tab) this.#holder = null;
    this.#grant();
  }

  #grant(): void {
    const next = this.#holder ? undefined : this.#queue.shift();
    if (next) this.#give(next);
  }

  #give(request: LockRequest): void {
    this.#holder = request;
    this.clock.setTimeout(() => {
      request.tab.run(() => {
        void request.held().then(() => {
          if (this.#holder !== request) return;
          this.#holder = null;
          request.done();
          this.#grant();
        });
      });
    }, 1);
  }
}

/** A tab with a client in it, and what its application was told. */
export class FakeTab {
  readonly client: SSEClient;
  readonly environment: Environment;
  /** The offsets of the events, and `reset` where there was one, in the order of their arrival. */
  readonly heard: (number | "reset")[] = [];
  readonly logged: string[] = [];
  /** What was handed to `reportError`. */
  readonly reported: unknown[] = [];
  /** Every status that the store has had, in order. */
  readonly statuses: ConnectionStatus[];
  listeners = 0;
  visible = true;
  /** What a browser does to hidden tabs, taken to the extreme. */
  timersStandStill = false;
  readonly #browser: FakeBrowser;
  readonly #page = new Map<string, Set<() => void>>();
  #frozen: (() => void)[] | null = null;
  #gone = false;

  constructor(browser: FakeBrowser, options: SSEClientOptions, hasLocks: boolean) {
    this.#browser = browser;
    this.environment = this.#environment(hasLocks);
    this.client = new SSEClient({ logLevel: "debug", ...options }, this.environment);
    this.client.onEvent(({ id }) => this.heard.push(Number(id.split("-")[1])));
    this.client.onReset(() => this.heard.push("reset"));
    this.statuses = [this.client.status];
    this.client.store.subscribe(({ status }, before) => {
      if (status !== before.status) this.statuses.push(status);
    });
  }

  /** The process is gone; nobody was told. */
  crashes(): void {
    this.#gone = true;
    for (const channel of this.#browser.channels) if (channel.tab === this) channel.close();
    for (const stream of [...this.#browser.server.streams]) if (this.#owns(stream)) stream.close();
    this.#browser.forget(this);
  }

  closes(): void {
    this.happens("pagehide");
    this.crashes();
  }

  /** Nothing runs in it any more; what comes for it waits. `told`: the page was warned, as browsers do. */
  freezes(told = true): void {
    if (told) this.happens("freeze");
    this.#frozen ??= [];
  }

  thaws(): void {
    const waiting = this.#frozen ?? [];
    this.#frozen = null;
    for (const run of waiting) this.run(run);
    this.happens("resume");
  }

  happens(event: string): void {
    for (const listener of [...(this.#page.get(event) ?? [])]) listener();
  }

  readonly run = (run: () => void): void => {
    if (this.#gone) return;
    if (this.#frozen) this.#frozen.push(run);
    else run();
  };

  readonly #streams = new WeakSet<object>();

  #owns(stream: object): boolean {
    return this.#streams.has(stream);
  }

  #openWorker() {
    const { clock } = this.#browser;
    return {
      post: (message: unknown) => {
        const { host, leader } = this.#browser.worker;
        const introduction = structuredClone(message) as Introduction;
        clock.setTimeout(() => host.run(() => leader.meet(introduction)), 1);
      },
      onerror: () => {},
      close: () => {},
    };
  }

  #environment(hasLocks: boolean): Environment {
    const { clock, server } = this.#browser;
    return {
      now: () => clock.now(),
      elapsed: () => clock.elapsed(),
      random: () => this.#browser.random(),
      setTimeout: (run, millis) =>
        clock.setTimeout(() => {
          if (!this.timersStandStill) this.run(run);
        }, millis),
      clearTimeout: (handle) => clock.clearTimeout(handle),
      fetch: (url, init) => server.fetch(url, init, this.run),
      openEventSource: (url) => {
        const source = server.eventSource(url, this.run);
        this.#streams.add(source);
        return source;
      },
      accessByToken: (env, getToken) =>
        new TokenAccess(env, getToken, (url, fetch) => {
          const source = server.eventSource(url, this.run, fetch);
          this.#streams.add(source);
          return source;
        }),
      resolve: (url) => new URL(url, "http://samband.test/").href,
      newId: () => this.#browser.newId(),
      openChannel: (name) => new FakeChannel(this.#browser, this, name),
      locks: hasLocks ? this.#browser.locksOf(this) : null,
      openWorker: this.#browser.hasWorkers ? () => this.#openWorker() : null,
      listen: (event, run) => {
        const listeners = this.#page.get(event) ?? new Set();
        this.#page.set(event, listeners.add(run));
        this.listeners += 1;
        return () => {
          this.listeners -= listeners.delete(run) ? 1 : 0;
        };
      },
      isVisible: () => this.visible,
      log: (_level, line) => this.logged.push(line),
      reportError: (error) => this.reported.push(error),
    };
  }
}

class FakeChannel implements Channel {
  onmessage: ((event: MessageEvent) => void) | null = null;

  constructor(
    readonly browser: FakeBrowser,
    readonly tab: FakeTab,
    readonly name: string,
  ) {
    browser.channels.add(this);
  }

  postMessage(message: unknown): void {
    const data = structuredClone(message);
    for (const other of this.browser.channels) {
      if (other === this || other.name !== this.name) continue;
      this.browser.clock.setTimeout(() => {
        other.tab.run(() => other.onmessage?.({ data } as MessageEvent));
      }, 1);
    }
  }

  close(): void {
    this.onmessage = null;
    this.browser.channels.delete(this);
  }
}
