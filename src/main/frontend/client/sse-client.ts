import { browserEnvironment, type Environment } from "./environment.js";
import type { AnyEvents, EventOf, EventType, SSEEvent, SSEReset } from "./event.js";
import { Latency } from "./latency.js";
import { Ledger } from "./ledger.js";
import { Logger, type LogLevel } from "./logger.js";
import type { FromLeader } from "./messages.js";
import { type ConnectionStatus, DEFAULT_KEEPALIVE_MILLIS } from "./policy.js";
import type { Role, Share, Sharing } from "./share.js";
import { ShareAlone } from "./share-alone.js";
import { ShareByLock } from "./share-by-lock.js";
import { ShareByWorker } from "./share-by-worker.js";
import type { ConnectionStore } from "./store.js";
import { Tab } from "./tab.js";
import { listenForWaking } from "./waking.js";

export interface SSEClientOptions {
  /** The stream; polling and the test event lie below it. Default `/api/sse`. */
  readonly url?: string;
  /** Sends cookies to another origin. */
  readonly withCredentials?: boolean;
  /** Default `info`. */
  readonly logLevel?: LogLevel;
  /** Default: the best that the browser has, locks before worker before none. */
  readonly sharing?: Sharing;
  /** Where `samband-worker.js` lies. Default: `/client/samband-worker.js` beside the server's `/api`. */
  readonly workerUrl?: string;
}

export interface ConnectOptions {
  /** The `lastEventId` of a snapshot: delivery begins with the event after it. */
  readonly after?: string | undefined;
}

export type EventHandler<Events extends object = AnyEvents, T extends EventType<Events> = "*"> = (
  event: EventOf<Events, T>,
) => void;
export type ResetHandler = (reset: SSEReset) => void;

/**
 * Every event in the log's order, once, over the one connection that all tabs of this browser share.
 *
 * ```ts
 * type Events = { flash_message: { text: string } };
 * const client = new SSEClient<Events>();
 * client.on("flash_message", ({ data }) => show(data));
 * client.onReset(() => fetchTheSnapshotAgain());
 * client.connect({ after: snapshot.lastEventId });
 * ```
 */
export class SSEClient<Events extends object = AnyEvents> {
  readonly #env: Environment;
  readonly #options: SSEClientOptions;
  readonly #line: { readonly url: string; readonly withCredentials: boolean };
  readonly #log: Logger;
  readonly #tab: Tab;
  readonly #latency: Latency;
  readonly #ledger: Ledger;
  readonly #handlers = new Map<string, Set<EventHandler>>();
  readonly #resetHandlers = new Set<ResetHandler>();
  #share: Share | null = null;
  #stopListening: (() => void) | null = null;

  constructor(options: SSEClientOptions = {}, environment: Environment = browserEnvironment()) {
    this.#env = environment;
    this.#options = options;
    const url = environment.resolve(options.url ?? "/api/sse");
    this.#line = { url, withCredentials: options.withCredentials ?? false };
    this.#log = new Logger(environment, options.logLevel ?? "info");
    this.#ledger = new Ledger(environment, this.#log, DEFAULT_KEEPALIVE_MILLIS);
    this.#latency = new Latency(environment, this.#line);
    this.#tab = new Tab(environment, this.#line, {
      event: (event) => this.#dispatch(event),
      reset: (reset) => this.#reset(reset),
      catchingUp: (behind) => this.#ledger.catchingUp(behind),
      proof: (at) => this.#ledger.proof(at),
      error: (message) => this.#ledger.fault(message),
    });
  }

  /** All there is to know about the connection: a zustand store, to read and to subscribe to. */
  get store(): ConnectionStore {
    return this.#ledger.store;
  }

  get status(): ConnectionStatus {
    return this.#ledger.store.getState().status;
  }

  /** The id after which this tab expects its next event. */
  get lastEventId(): string | null {
    return this.#tab.cursor;
  }

  /** How much goes to the browser's console; may be changed at any time. */
  get logLevel(): LogLevel {
    return this.#log.level;
  }

  set logLevel(level: LogLevel) {
    this.#log.level = level;
  }

  /** Starts, or does nothing if it has. Without `after` it goes on where it stopped, or begins with what is new. */
  connect({ after }: ConnectOptions = {}): void {
    if (this.#share) return;
    if (after !== undefined) this.#tab.start(after);
    this.#ledger.change({
      status: "reconnecting",
      reason: "starting",
      attempts: 0,
      pollingForced: false,
    });
    this.#stopListening = listenForWaking(this.#env, {
      wake: (why) => {
        this.#log.write("debug", `woken by ${why}`);
        this.#share?.wake();
      },
      suspend: (why) => {
        this.#log.write("debug", `suspended by ${why}`);
        this.#share?.suspend();
      },
      resume: (why) => {
        // Until somebody has answered, this tab knows nothing.
        this.#ledger.change({ status: "reconnecting", reason: `resumed (${why})` });
        this.#share?.resume();
      },
    });
    this.#use(this.#choose());
  }

  /** Stops, or does nothing if it has. No stream, timer or listener stays behind. */
  disconnect(): void {
    if (!this.#share) return;
    this.#share.stop();
    this.#share = null;
    this.#stopListening?.();
    this.#stopListening = null;
    this.#tab.stop();
    this.#latency.stop();
    this.#ledger.change({
      status: "disconnected",
      reason: "the application disconnected",
      nextAttemptAt: null,
      catchingUp: false,
      role: "joining",
      leader: null,
    });
  }

  /** Calls the handler for every event of the type; returns how to stop that. */
  on<T extends EventType<Events>>(type: T, handler: EventHandler<Events, T>): () => void {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers);
    handlers.add(handler as unknown as EventHandler);
    return () => {
      handlers.delete(handler as unknown as EventHandler);
    };
  }

  /** Calls the handler for every event; returns how to stop that. */
  onEvent(handler: EventHandler<Events>): () => void {
    return this.on("*", handler);
  }

  /** Calls the handler when events were lost for good, before anything else is delivered. */
  onReset(handler: ResetHandler): () => void {
    this.#resetHandlers.add(handler);
    return () => {
      this.#resetHandlers.delete(handler);
    };
  }

  /** The last events that this browser has seen, at most 200: what a new tab can show at once. */
  recent(): readonly SSEEvent[] {
    return this.#tab.recent();
  }

  /** Gives the stream up, in whichever tab it is, and opens a new one. */
  reconnect(): void {
    this.#share?.ask({ kind: "reconnect" });
  }

  /** Polls only, for all tabs of this browser, until it is called with false. */
  forcePolling(on: boolean): void {
    this.#share?.ask({ kind: "forcePolling", on });
  }

  /** Has the server fire a test event and times its way back to this tab, in milliseconds. */
  async measureLatency(): Promise<number> {
    const latencyMillis = await this.#latency.measure();
    this.#ledger.change({ latencyMillis });
    return latencyMillis;
  }

  // ---- sharing

  #choose(): Share {
    const { locks, openChannel, openWorker } = this.#env;
    const wish = this.#options.sharing;
    const seat = this.#seat();
    if (locks && openChannel && (wish ?? "locks") === "locks") {
      return new ShareByLock(seat, locks, openChannel, (reason) => this.#alone("locks", reason));
    }
    if (openWorker && openChannel && wish !== "none") {
      const url = this.#options.workerUrl ?? "../client/samband-worker.js";
      const address = new URL(url, this.#line.url).href;
      return new ShareByWorker(
        seat,
        openChannel,
        () => openWorker(address, `samband ${this.#line.url}`),
        (reason) => this.#alone("worker", reason),
      );
    }
    return new ShareAlone(seat, openChannel);
  }

  #use(share: Share): void {
    this.#share = share;
    try {
      share.start();
    } catch (error) {
      // A browser that has channels may still forbid them to this page.
      if (share.sharing === "none") throw error;
      this.#alone(share.sharing, String(error));
    }
  }

  #alone(without: Sharing, reason: string): void {
    if (this.#share?.sharing !== without) return;
    this.#log.write("warn", `no sharing by ${without}: ${reason}`);
    this.#share.stop();
    this.#use(new ShareAlone(this.#seat(), this.#env.openChannel));
  }

  #seat() {
    return {
      env: this.#env,
      line: this.#line,
      tab: this.#ledger.store.getState().tab,
      cursor: () => this.#tab.cursor,
      recent: () => this.#tab.recent(),
      before: () => this.#ledger.store.getState(),
      receive: (message: FromLeader) => this.#receive(message),
      role: (role: Role, sharing: Sharing, reason: string) =>
        this.#ledger.role(role, sharing, reason),
      warn: (warning: string) => {
        this.#log.write("warn", warning);
        this.#ledger.change({ warning });
      },
    };
  }

  // ---- what comes in

  #receive(message: FromLeader): void {
    if (message.kind === "welcome" && message.to !== this.#ledger.store.getState().tab) return;
    // The status first: when a handler runs, the store must not be behind what the handler is told.
    if (message.kind === "state" || message.kind === "welcome") {
      this.#ledger.line(message.state, message.leader);
    } else if (message.kind === "batch" && message.proofAt !== null) {
      this.#ledger.proof(message.proofAt);
    }
    this.#tab.receive(message);
  }

  #dispatch(event: SSEEvent): void {
    this.#ledger.store.setState({ lastEventId: event.id, lastEventTimestamp: event.timestamp });
    this.#log.write("debug", `event ${event.id} ${event.type}`);
    this.#latency.arrived(event);
    for (const handler of [...(this.#handlers.get(event.type) ?? [])]) this.#call(handler, event);
    for (const handler of [...(this.#handlers.get("*") ?? [])]) this.#call(handler, event);
  }

  #reset(reset: SSEReset): void {
    const { resets } = this.#ledger.store.getState();
    this.#log.write("warn", `reset (${reason(reset)}), going on after ${reset.cursor}`);
    this.#ledger.change({ resets: resets + 1 });
    for (const handler of [...this.#resetHandlers]) this.#call(handler, reset);
  }

  /** One handler's mistake is not another's. */
  #call<T>(handler: (value: T) => void, value: T): void {
    try {
      handler(value);
    } catch (error) {
      this.#log.write("error", `a handler failed: ${error}`);
    }
  }
}

function reason({ reason: why, missed }: SSEReset): string {
  return missed === null ? why : `${why}, ${missed} missed`;
}
