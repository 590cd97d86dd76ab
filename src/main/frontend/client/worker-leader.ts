import { type Endpoint, sharedName } from "./endpoint.js";
import { browserEnvironment, type Channel, type Environment } from "./environment.js";
import { Leader, type Send } from "./leader.js";
import { isFromLeader, type Message, type ToLeader } from "./messages.js";
import { privateChannel } from "./tabs.js";
import { Timers } from "./timers.js";

/** The first thing that a tab says to the worker's port. */
export interface Introduction {
  readonly endpoint: Endpoint;
  readonly join: ToLeader;
}

/** A tab that crashed cannot say that it leaves. The others ask something every 30 s, or every minute if hidden. */
const FORGOTTEN_AFTER_MILLIS = 150_000;

/** Leads from within a SharedWorker, as long as a tab is there. */
export class WorkerLeader {
  readonly #env: Environment;
  readonly #timers: Timers;
  /** When each tab was last heard. */
  readonly #tabs = new Map<string, number>();
  readonly #id: string;
  #endpoint: Endpoint | null = null;
  #channel: Channel | null = null;
  #leader: Leader | null = null;
  #term = 0;

  constructor(env: Environment) {
    this.#env = env;
    this.#timers = new Timers(env);
    this.#id = env.newId();
  }

  meet({ endpoint, join }: Introduction): void {
    this.#endpoint = endpoint;
    if (!this.#channel) {
      this.#channel = this.#env.openChannel?.(sharedName(endpoint)) ?? null;
      if (!this.#channel) return;
      this.#channel.onmessage = ({ data }) => {
        const message = data as Message;
        if (isFromLeader(message)) this.#hear(message.leader, message.term);
        else this.#receive(message);
      };
    }
    this.#receive(join);
  }

  /** Another worker leads: this one hung, and was replaced. */
  #hear(leader: string, term: number): void {
    const own = this.#leader?.term ?? 0;
    if (term > own || (term === own && leader > this.#id)) this.#stop();
    else this.#leader?.announce();
    this.#term = Math.max(this.#term, term);
  }

  #receive(message: ToLeader): void {
    if (message.kind === "signOut") this.#tabs.clear();
    else if (message.kind === "leave") this.#tabs.delete(message.tab);
    else this.#tabs.set(message.tab, this.#env.elapsed());
    this.#term = Math.max(this.#term, message.term);
    if (this.#tabs.size === 0) this.#stop();
    else if (!this.#leader && message.kind === "join") this.#lead(message.after);
    this.#leader?.receive(message);
  }

  #lead(cursor: string | null): void {
    const { openChannel } = this.#env;
    if (!this.#endpoint || !openChannel) return;
    const name = sharedName(this.#endpoint);
    const send: Send = (message, tab) => {
      if (tab === undefined) this.#channel?.postMessage(message);
      else privateChannel(openChannel, name, tab, message);
    };
    this.#term += 1;
    this.#sweep();
    this.#leader = new Leader(this.#env, this.#endpoint, this.#id, this.#term, send);
    this.#leader.start({
      cursor,
      recent: [],
      before: { attempts: 0, pollingForced: false, identity: undefined },
    });
  }

  #sweep(): void {
    this.#timers.set("sweep", FORGOTTEN_AFTER_MILLIS, () => this.#sweep());
    const oldest = this.#env.elapsed() - FORGOTTEN_AFTER_MILLIS;
    for (const [tab, heardAt] of this.#tabs) if (heardAt < oldest) this.#tabs.delete(tab);
    if (this.#tabs.size === 0) this.#stop();
  }

  #stop(): void {
    this.#timers.clear();
    this.#leader?.stop();
    this.#leader = null;
  }
}

/** All that the worker's script does. */
export function leadFromWorker(): void {
  const leader = new WorkerLeader(browserEnvironment());
  addEventListener("connect", (event) => {
    const [port] = (event as MessageEvent).ports;
    if (!port) return;
    port.onmessage = ({ data }) => leader.meet(data as Introduction);
  });
}
