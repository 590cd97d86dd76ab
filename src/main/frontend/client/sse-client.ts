import { AloneElector, censusName } from "./alone.js";
import type { SharedState } from "./connection.js";
import { type Endpoint, sharedName, streamUrl } from "./endpoint.js";
import { browserEnvironment, type Environment } from "./environment.js";
import {
  type AnyEvents,
  type EventOf,
  type EventType,
  parseEventId,
  type SSEEvent,
  type SSEReset,
} from "./event.js";
import { type HandlerOptions, Handlers } from "./handlers.js";
import { changeOf, type Identity } from "./identity.js";
import { LockElector } from "./lock.js";
import { Logger, type LogLevel } from "./logger.js";
import type { FromLeader, Request } from "./messages.js";
import { Order, type Ordered } from "./order.js";
import { listenToPage } from "./page-life.js";
import type { ConnectionStatus } from "./policy.js";
import { PollLoop, type PollOutcome } from "./poll.js";
import { Recent } from "./recent.js";
import {
  type ConnectionState,
  type ConnectionStore,
  openStore,
  type WritableStore,
} from "./store.js";
import { type Sharing, type TabSide, Tabs } from "./tabs.js";
import { type GetToken, withTokens } from "./tokens.js";
import { WorkerElector } from "./worker-elector.js";

export interface SSEClientOptions {
  /** The stream's address; polling and the test event lie below it. Default `/api/sse`. May have a query. */
  readonly url?: string | undefined;
  /** Sends cookies to another origin. */
  readonly withCredentials?: boolean | undefined;
  /**
   * Gives an access token; then requests carry it as `Authorization: Bearer`, instead of relying on cookies. Asked for
   * each stream, and once more after a 401, in the tab that holds the connection. Resolves to an empty string if nobody
   * is signed in. A shared worker could not call it: tabs share by locks, or not at all.
   */
  readonly getToken?: GetToken | undefined;
  /** Who is signed in, in any form. Tabs of different subjects do not share a connection. */
  readonly subject?: string | undefined;
  /** Default `info`. */
  readonly logLevel?: LogLevel | undefined;
  /** Default: the best that the browser has, locks before worker before none. */
  readonly sharing?: Sharing | undefined;
  /** The address of `samband-worker.js`. Default: `/client/samband-worker.js` beside the server's `/api`. */
  readonly workerUrl?: string | undefined;
}

export interface ConnectOptions {
  /**
   * The `lastEventId` of a snapshot: delivery begins with the event after it. It counts while the client has no
   * position of its own, which it has from its first connection on.
   */
  readonly after?: string | undefined;
}

/** Gets every event of type `T`; `*` stands for every type. */
export type EventHandler<Events extends object = AnyEvents, T extends EventType<Events> = "*"> = (
  event: EventOf<Events, T>,
) => void;
export type ResetHandler = (reset: SSEReset) => void;

/**
 * Hands every event to the application in the log's order, once, over the one connection that all tabs of this browser
 * share.
 *
 * ```ts
 * type Events = { flash_message: { text: string } };
 *
 * const client = new SSEClient<Events>();
 * client.on("flash_message", ({ data }) => show(data.text));
 * client.onReset(() => fetchTheSnapshotAgain());
 * client.connect({ after: snapshot.lastEventId });
 * ```
 *
 * Importing and constructing it touch nothing of the browser, so both may happen on a server that renders.
 */
export class SSEClient<Events extends object = AnyEvents> {
  readonly #env: Environment;
  readonly #options: SSEClientOptions;
  readonly #log: Logger;
  readonly #state: WritableStore;
  readonly #events: Handlers<SSEEvent>;
  readonly #resets: Handlers<SSEReset>;
  readonly #order = new Order();
  readonly #recent = new Recent();
  /** The last event that was handed over, or the position that was reached without one. */
  #cursor: string | null = null;
  /** For whom the events so far were; undefined until the server has said it. */
  #identity: Identity | null | undefined;
  #catchUp: PollLoop | null = null;
  #tabs: Tabs | null = null;
  #stopListening: (() => void) | null = null;
  #endpoint: Endpoint | null = null;
  #shared: SharedState | null = null;
  /** When the server was last heard, on the clock of `elapsed()`. */
  #heardAt: number | null = null;

  /** @throws TypeError if `url` is no address */
  constructor(options: SSEClientOptions = {}, environment: Environment = browserEnvironment()) {
    // The page's address is not known on a server that renders; any base shows whether the address is one.
    streamUrl(new URL(options.url ?? "", "http://localhost/").href);
    this.#env = options.getToken ? withTokens(environment, options.getToken) : environment;
    this.#options = options;
    this.#log = new Logger(environment, options.logLevel ?? "info");
    this.#state = openStore(environment, this.#log);
    const failed = (error: unknown) => environment.reportError(error);
    this.#events = new Handlers(failed);
    this.#resets = new Handlers(failed);
  }

  /** All there is to know about the connection: a zustand store, to read and to subscribe to. */
  get store(): ConnectionStore {
    return this.#state.store;
  }

  get status(): ConnectionStatus {
    return this.store.getState().status;
  }

  /** The id after which this tab expects its next event. It never names an event that was not handed over. */
  get lastEventId(): string | null {
    return this.#cursor;
  }

  /** How many milliseconds ago the server was last heard, whatever happens to the clock; null if it never was. */
  get heardMillis(): number | null {
    return this.#heardAt === null ? null : Math.max(0, this.#env.elapsed() - this.#heardAt);
  }

  /** How much is written to the browser's console; may be changed at any time. */
  get logLevel(): LogLevel {
    return this.#log.level;
  }

  set logLevel(level: LogLevel) {
    this.#log.level = level;
  }

  /** Connects, or does nothing if it is connected. It goes on after the last event that was handed over. */
  connect({ after }: ConnectOptions = {}): void {
    if (this.#tabs) return;
    this.#cursor ??= after ?? null;
    this.#order.start(this.#cursor);
    const endpoint = this.endpoint;
    this.#catchUp = new PollLoop(this.#env, endpoint, {
      cursor: () => this.#order.cursor,
      wanted: () => this.#tabs !== null && this.#order.behind,
      polled: (from, outcome) => this.#polled(from, outcome),
    });
    this.#stopListening = this.#listen();
    this.#state.change({ status: "reconnecting", reason: "starting", refusal: null });
    this.#use(this.#choose());
  }

  /**
   * Disconnects, or does nothing if it is not connected. No stream, timer or listener stays behind, and no handler is
   * called any more: in a handler, the rest of the events that have arrived is dropped and comes again later.
   */
  disconnect(): void {
    if (this.#tabs) this.#end({ reason: "the application disconnected", refusal: null });
  }

  /**
   * Ends the connection of this browser, for all tabs, and forgets recent events: the user signs out. Every tab is
   * `disconnected` with the refusal `sign_in`, and stays so until it calls `connect()`.
   */
  signOut(): void {
    this.#signedOut();
    const { openChannel } = this.#env;
    const name = sharedName(this.endpoint);
    for (const heard of [name, censusName(name)]) {
      try {
        const channel = openChannel?.(heard);
        channel?.postMessage({ kind: "signOut", tab: this.store.getState().tab, term: 0 });
        channel?.close();
      } catch (error) {
        this.#log.write("warn", `the other tabs cannot be told: ${error}`);
      }
    }
  }

  #signedOut(): void {
    this.#recent.clear();
    // Whoever connects next is somebody else, the same user included.
    this.#identity &&= null;
    this.#end({ reason: "signed out", refusal: "sign_in", identity: null });
  }

  #end(why: Pick<ConnectionState, "reason" | "refusal"> & Partial<ConnectionState>): void {
    const tabs = this.#tabs;
    this.#tabs = null;
    this.#stopListening?.();
    this.#stopListening = null;
    if (tabs) this.#leave(tabs);
    this.#state.change({
      status: "disconnected",
      ...why,
      attempts: 0,
      nextAttemptAt: null,
      pollingForced: false,
      catchingUp: false,
      behind: null,
      role: "joining",
      leader: null,
    });
  }

  /**
   * Calls the handler for every event of the type; `*` stands for every type.
   *
   * @returns how to stop that
   */
  on<T extends EventType<Events>>(
    type: T,
    handler: EventHandler<Events, T>,
    options?: HandlerOptions,
  ): () => void {
    return this.#events.add(type, handler as unknown as (event: SSEEvent) => void, options);
  }

  /** Calls the handler for every event; returns how to stop that. */
  onEvent(handler: EventHandler<Events>, options?: HandlerOptions): () => void {
    return this.on("*", handler, options);
  }

  /** Calls the handler when events were lost for good, before anything else is delivered; returns how to stop that. */
  onReset(handler: ResetHandler, options?: HandlerOptions): () => void {
    return this.#resets.add("*", handler, options);
  }

  /** The last events that this browser has seen, at most 200: what a new tab can show at once. */
  recent(): readonly SSEEvent[] {
    return this.#recent.all();
  }

  /** Gives the stream up, in whichever tab it is, and opens a new one at once. */
  reconnect(): void {
    this.ask({ kind: "reconnect" });
  }

  /** @internal For the debug entry. */
  ask(request: Request): void {
    this.#tabs?.ask(request);
  }

  /** @internal For the debug entry. */
  get environment(): Environment {
    return this.#env;
  }

  /** @internal For the debug entry. */
  get endpoint(): Endpoint {
    const { url = "/api/sse", withCredentials = false, subject = "", getToken } = this.#options;
    const byToken = getToken !== undefined;
    this.#endpoint ??= {
      url: streamUrl(this.#env.resolve(url)),
      withCredentials,
      byToken,
      subject,
    };
    return this.#endpoint;
  }

  // ---- sharing

  #choose(): Tabs {
    const { locks, openChannel, openWorker } = this.#env;
    const { workerUrl = "../client/samband-worker.js", getToken } = this.#options;
    // A worker cannot call getToken().
    const wanted = this.#options.sharing;
    const sharing = wanted === "worker" && getToken ? "locks" : wanted;
    const name = sharedName(this.endpoint);
    if (locks && openChannel && (sharing ?? "locks") === "locks") {
      return new Tabs(
        this.#side("locks"),
        (vote) => new LockElector(locks, name, vote),
        openChannel,
      );
    }
    if (openWorker && openChannel && sharing !== "none" && !getToken) {
      const open = () => openWorker(new URL(workerUrl, this.endpoint.url).href, name);
      return new Tabs(
        this.#side("worker"),
        (vote) => new WorkerElector(this.#env, this.endpoint, open, vote),
        openChannel,
      );
    }
    return this.#ownConnection(false);
  }

  /** @param seeks whether to look for a leader, because sharing did not work */
  #ownConnection(seeks: boolean): Tabs {
    const side = this.#side("none");
    const listener = {
      warn: (warning: string) => this.#state.change({ warning }),
      found: () => this.#change("none", () => this.#choose()),
      signedOut: () => this.#signedOut(),
    };
    return new Tabs(
      side,
      (vote) => new AloneElector(side, this.#env.openChannel, vote, listener, seeks),
      null,
    );
  }

  #use(tabs: Tabs): void {
    this.#tabs = tabs;
    try {
      tabs.start();
    } catch (error) {
      // A browser that has channels may still forbid them to this page.
      if (tabs.sharing === "none") throw error;
      this.#giveUp(tabs.sharing, String(error));
    }
  }

  #giveUp(sharing: Sharing, reason: string): void {
    this.#log.write("warn", `no sharing by ${sharing}: ${reason}`);
    // A page that was denied locks or channels will not be given them later.
    this.#change(sharing, () => this.#ownConnection(sharing === "worker"));
  }

  #change(from: Sharing, to: () => Tabs): void {
    const tabs = this.#tabs;
    if (tabs?.sharing !== from) return;
    this.#leave(tabs);
    this.#use(to());
  }

  #side(sharing: Sharing): TabSide {
    return {
      env: this.#env,
      endpoint: this.endpoint,
      tab: this.store.getState().tab,
      cursor: () => this.#order.cursor,
      recent: () => this.#recent.all(),
      before: () => ({ ...this.store.getState(), identity: this.#identity }),
      receive: (message) => this.#receive(message),
      role: (role, by, reason) => {
        this.#log.write("debug", `${role}: ${reason}`);
        const { tab, leader } = this.store.getState();
        this.#state.change({ role, sharing: by, leader: role === "leader" ? tab : leader });
      },
      failed: (why) => this.#giveUp(sharing, why),
      signedOut: () => this.#signedOut(),
    };
  }

  #leave(tabs: Tabs): void {
    tabs.stop();
    this.#catchUp?.stop();
    this.#shared = null;
    // What has arrived and was not handed over is asked for again.
    this.#order.start(this.#cursor);
  }

  #listen(): () => void {
    return listenToPage(this.#env, {
      wake: (why) => {
        this.#log.write("debug", `woken by ${why}`);
        if (this.#catchUp?.running) this.#catchUp.now();
        this.#tabs?.wake();
      },
      suspend: (why) => {
        this.#log.write("debug", `suspended by ${why}`);
        if (this.#tabs) this.#leave(this.#tabs);
      },
      resume: (why) => {
        // Until a leader has answered, this tab knows nothing.
        this.#state.change({ status: "reconnecting", reason: `resumed (${why})` });
        if (this.#tabs) this.#use(this.#tabs);
      },
    });
  }

  // ---- what comes in

  #receive(message: FromLeader): void {
    const tabs = this.#tabs;
    // The store first: when a handler runs, it must not be behind what the handler is told.
    switch (message.kind) {
      case "state":
        this.#take(message.state, message.leader);
        if (this.#tabs !== tabs) return;
        this.#deliver(this.#order.offer(upTo(message.state.cursor)));
        break;
      case "welcome": {
        const { state, recent } = message;
        this.#take(state, message.leader);
        if (this.#tabs !== tabs) return;
        if (this.#recent.all().length === 0) this.#recent.add(recent);
        // A tab without a cursor begins where the leader is, and keeps what was before for those who ask.
        const events = this.#order.cursor === null ? [] : recent;
        this.#deliver(this.#order.offer({ ...upTo(state.cursor), events }));
        break;
      }
      case "batch":
        this.#heard(message.heardMillis);
        this.#deliver(this.#order.offer(message.batch));
        break;
      case "reset": {
        // Only a tab with the cursor that was void is told. Another asks the server about its own.
        const { cursor } = this.#order;
        const isOurs = message.prev === cursor && !this.#order.behind;
        if (isOurs) this.#deliver(this.#order.reset(message.reset));
        else if (cursor === null) this.#deliver(this.#order.offer(upTo(message.reset.cursor)));
        else this.#deliver(this.#order.doubt());
        break;
      }
      case "pong":
        break;
    }
  }

  #take(state: SharedState, leader: string): void {
    this.#shared = state;
    const { status, reason, attempts, nextAttemptAt, refusal, keepaliveMillis, log } = state;
    this.#heard(state.heardMillis);
    if (state.error) this.#state.fault(state.error);
    this.#state.change({
      status,
      reason,
      attempts,
      nextAttemptAt,
      refusal,
      ...(state.identity !== undefined && { identity: state.identity }),
      ...(refusal === "sign_in" && { identity: null }),
      keepaliveMillis,
      log,
      leader,
      pollingForced: state.pollingForced,
      logSince: log === "ok" ? null : this.#env.now() - state.logMillis,
      // A new leader has not heard one yet: that is no restart of the server.
      epoch: state.epoch ?? this.store.getState().epoch,
      ...this.#progress(),
    });
    this.#compare(state);
  }

  /** Somebody else is signed in, or may see something else: what was before is not for the application any more. */
  #compare({ identity, cursor }: SharedState): void {
    const reason = changeOf(this.#identity, identity);
    if (identity !== undefined) this.#identity = identity;
    if (!reason || !this.#tabs) return;
    this.#catchUp?.stop();
    const after = cursor ?? this.#order.cursor ?? "";
    this.#deliver(this.#order.reset({ reason, missed: null, cursor: after }));
  }

  #heard(millis: number | null): void {
    if (millis === null) return;
    const at = this.#env.elapsed() - millis;
    if (this.#heardAt !== null && at <= this.#heardAt) return;
    this.#heardAt = at;
    this.#state.change({ lastProofAt: this.#env.now() - millis });
  }

  #polled(after: string | null, outcome: PollOutcome): void {
    if (outcome.kind === "page") {
      this.#heard(0);
      this.#deliver(this.#order.page(after, outcome.page));
    } else {
      const message = `catching up failed: ${outcome.message}`;
      this.#state.fault({ at: this.#env.now(), message });
    }
  }

  // ---- what goes out

  #deliver({ deliveries, gap }: Ordered): void {
    const tabs = this.#tabs;
    for (const delivery of deliveries) {
      if (delivery.kind === "reset") {
        this.#reset(delivery.reset);
        if (this.#tabs !== tabs) return;
        continue;
      }
      for (const event of delivery.events) {
        this.#dispatch(event);
        // The handler has disconnected: the cursor stays at what was handed over.
        if (this.#tabs !== tabs) return;
      }
      this.#cursor = delivery.cursor;
    }
    if (gap) this.#catchUp?.soon();
    this.#note(this.#progress());
  }

  #dispatch(event: SSEEvent): void {
    this.#cursor = event.id;
    if (!this.#recent.has(event.id)) this.#recent.add([event]);
    const { id, timestamp } = event;
    this.#note({ lastEventId: id, lastEventTimestamp: timestamp, ...this.#progress() });
    this.#log.write("debug", `event ${id} ${event.type}`);
    this.#events.call(event.type, event);
  }

  #reset(reset: SSEReset): void {
    this.#cursor = reset.cursor;
    this.#recent.clear();
    const { resets } = this.store.getState();
    const missed = reset.missed === null ? "" : `, ${reset.missed} missed`;
    this.#log.write("warn", `reset (${reset.reason}${missed}), going on after ${reset.cursor}`);
    this.#state.change({ resets: resets + 1 });
    this.#resets.call("reset", reset);
  }

  /** How far behind this tab is, as far as it knows. */
  #progress() {
    const here = parseEventId(this.#cursor)?.offset;
    const missing = here === undefined ? 0 : Math.max(0, (this.#shared?.newest ?? 0) - here);
    return {
      behind: missing > 0 ? missing : null,
      catchingUp: missing > 0 || this.#order.behind || (this.#shared?.gap ?? false),
    };
  }

  #note(change: Parameters<WritableStore["change"]>[0]): void {
    const state = this.store.getState();
    const keys = Object.keys(change) as (keyof typeof change)[];
    if (this.#tabs && keys.some((key) => change[key] !== state[key])) this.#state.change(change);
  }
}

/** Only a position, from a sender whose position before is not known. */
function upTo(cursor: string | null) {
  return { prev: null, events: [], cursor } as const;
}
