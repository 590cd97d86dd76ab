import type { Predecessor } from "./connection.js";
import { type Endpoint, sharedName } from "./endpoint.js";
import type { Channel, Environment } from "./environment.js";
import type { SSEEvent } from "./event.js";
import { Leader } from "./leader.js";
import {
  type FromLeader,
  isFromLeader,
  type Message,
  type Request,
  type ToLeader,
} from "./messages.js";
import { Watch } from "./watch.js";

/** How the tabs of this browser share one connection. */
export type Sharing = "locks" | "worker" | "none";

/** Whether this tab holds the connection, follows a leader that does, or does not know yet. */
export type Role = "leader" | "follower" | "joining";

/** Decides which tab or worker leads. */
export interface Elector {
  readonly sharing: Sharing;
  /** The tab is there, and may be elected. */
  stand(join: ToLeader): void;
  /** The leader does not answer: replace it. */
  silent(millis: number, join: ToLeader): void;
  /** The leader was heard. */
  heard(): void;
  /** The tab leaves: it is not, or no longer, to be elected. */
  withdraw(): void;
}

/** How an elector's decision reaches its tab. */
export interface Vote {
  lead(why: string): void;
  /** Another tab leads by now. */
  lost(): void;
  /** This way of sharing does not work here. */
  failed(why: string): void;
  /** Tells the leader that this tab is there. */
  ask(): void;
}

/** The rest of a tab, as its part in the sharing sees it. */
export interface TabSide {
  readonly env: Environment;
  readonly endpoint: Endpoint;
  readonly tab: string;
  /** The cursor of the tab. */
  cursor(): string | null;
  recent(): readonly SSEEvent[];
  /** What the last leader said of the connection. */
  before(): Predecessor;
  receive(message: FromLeader): void;
  role(role: Role, sharing: Sharing, reason: string): void;
  /** This way of sharing does not work here. */
  failed(why: string): void;
  /** In some tab, the user has signed out of this browser. */
  signedOut(): void;
}

/** A tab's part in the sharing: passes on what the leader says, and leads if it is elected. */
export class Tabs {
  readonly #side: TabSide;
  readonly #name: string;
  readonly #elector: Elector;
  readonly #openChannel: ((name: string) => Channel) | null;
  readonly #watch: Watch;
  #channel: Channel | null = null;
  /** Only this tab listens here: welcomes are of no use to others. */
  #ownChannel: Channel | null = null;
  #leader: Leader | null = null;
  #term = 0;
  /** The cursor of the last leader, which may be further than this tab's. */
  #sharedCursor: string | null = null;
  #isThere = false;

  /** @param openChannel null if this tab has a connection of its own */
  constructor(
    side: TabSide,
    elect: (vote: Vote) => Elector,
    openChannel: ((name: string) => Channel) | null,
  ) {
    this.#side = side;
    this.#name = sharedName(side.endpoint);
    this.#openChannel = openChannel;
    this.#elector = elect({
      lead: (why) => this.#lead(why),
      lost: () => this.#rejoin(),
      failed: (why) => side.failed(why),
      ask: () => this.ask({ kind: "ping" }),
    });
    this.#watch = new Watch(side.env, {
      ask: () => this.ask({ kind: "ping" }),
      silent: (millis) => this.#elector.silent(millis, this.#join()),
      slept: () => this.wake(true),
    });
  }

  get sharing(): Sharing {
    return this.#elector.sharing;
  }

  start(): void {
    this.#isThere = true;
    const open = this.#openChannel;
    if (open) {
      this.#channel = open(this.#name);
      this.#ownChannel = open(ownName(this.#name, this.#side.tab));
      const receive = ({ data }: MessageEvent) => this.#receive(data as Message);
      this.#channel.onmessage = receive;
      this.#ownChannel.onmessage = receive;
    }
    this.#stand();
  }

  /** Leaves: nothing of it stays behind, and it may start again. */
  stop(): void {
    if (!this.#isThere) return;
    this.#isThere = false;
    this.#post({ kind: "leave" });
    this.#withdraw();
    for (const channel of [this.#channel, this.#ownChannel]) channel?.close();
    this.#channel = null;
    this.#ownChannel = null;
  }

  /** Asks the leader, which may be this tab. */
  ask(request: Request): void {
    if (this.#leader) this.#leader.receive(this.#toLeader(request));
    else this.#post(request);
  }

  /** The page was shown, the network is back, the computer may have slept: look now. */
  wake(slept = false): void {
    if (!this.#isThere) return;
    if (this.#leader) {
      this.#leader.wake(slept);
      return;
    }
    this.#post({ kind: "wake", slept });
    this.#post(this.#join());
    this.#watch.wake();
  }

  #stand(): void {
    const what = this.sharing === "worker" ? "worker" : "tab";
    this.#side.role("joining", this.sharing, `looking for the ${what} that leads`);
    if (!this.#isThere) return;
    this.#watch.start(this.#channel !== null);
    this.#post(this.#join());
    this.#elector.stand(this.#join());
  }

  #rejoin(): void {
    this.#withdraw();
    this.#stand();
  }

  #withdraw(): void {
    this.#leader?.stop();
    this.#leader = null;
    this.#watch.stop();
    this.#elector.withdraw();
  }

  #lead(why: string): void {
    const { env, endpoint, tab } = this.#side;
    const tookOver = this.#term > 0;
    this.#term += 1;
    this.#watch.start(false);
    const leader = new Leader(env, endpoint, tab, this.#term, (message, to) => {
      if (to === undefined) {
        // A channel does not speak to its own end.
        this.#channel?.postMessage(message);
        this.#side.receive(message);
      } else if (this.#openChannel) privateChannel(this.#openChannel, this.#name, to, message);
    });
    this.#leader = leader;
    this.#side.role("leader", this.sharing, tookOver ? `took over, ${why}` : why);
    // A subscriber of the store may have disconnected.
    if (this.#leader !== leader) return;
    leader.start({
      // Where the connection was, not where this tab was: what this tab lost is not lost to the others.
      cursor: this.#sharedCursor ?? this.#side.cursor(),
      recent: this.#side.recent(),
      before: this.#side.before(),
    });
  }

  #receive(message: Message): void {
    if (!isFromLeader(message)) {
      if (message.kind === "signOut") this.#side.signedOut();
      else this.#leader?.receive(message);
    } else if (this.#leader) {
      // The lock decides who leads. The other has lost it and has not noticed, or does not know our term.
      if (message.term >= this.#leader.term) this.#leader.outdo(message.term);
      else this.#leader.announce();
      this.#term = this.#leader.term;
    } else this.#hear(message);
  }

  #hear(message: FromLeader): void {
    if (message.term < this.#term) return;
    if (message.term > this.#term || message.kind === "welcome") {
      this.#term = message.term;
      this.#side.role("follower", this.sharing, `${message.leader} leads`);
    }
    if (!this.#isThere) return;
    if (message.kind === "batch") this.#sharedCursor = message.batch.cursor;
    else if (message.kind === "reset") this.#sharedCursor = message.reset.cursor;
    else if (message.kind !== "pong") this.#sharedCursor = message.state.cursor;
    this.#watch.heard();
    this.#elector.heard();
    this.#side.receive(message);
  }

  #join(): ToLeader {
    return this.#toLeader({ kind: "join", after: this.#side.cursor() });
  }

  #toLeader(request: Request): ToLeader {
    return { tab: this.#side.tab, term: this.#term, ...request };
  }

  #post(request: Request): void {
    this.#channel?.postMessage(this.#toLeader(request));
  }
}

/** Sends to one tab only. */
export function privateChannel(
  openChannel: (name: string) => Channel,
  name: string,
  tab: string,
  message: FromLeader,
): void {
  const channel = openChannel(ownName(name, tab));
  channel.postMessage(message);
  channel.close();
}

const ownName = (name: string, tab: string) => `${name} ${tab}`;
