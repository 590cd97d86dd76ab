import { browserEnvironment, type Environment } from "./environment.js";
import { Leader } from "./leader.js";
import { isFromLeader, type Message, type ToLeader } from "./messages.js";
import { channelName } from "./share.js";

/** The first thing a tab says to the worker's port. */
export interface Introduction {
  readonly line: { readonly url: string; readonly withCredentials: boolean };
  readonly join: ToLeader;
}

/** Leads for all tabs from within a SharedWorker, as long as one of them stays. */
export class WorkerLeader {
  readonly #env: Environment;
  readonly #tabs = new Set<string>();
  #leader: Leader | null = null;
  #start: (() => Leader) | null = null;

  constructor(env: Environment) {
    this.#env = env;
  }

  meet({ line, join }: Introduction): void {
    if (!this.#start) {
      const channel = this.#env.openChannel?.(channelName(line));
      if (!channel) return;
      const id = this.#env.newId();
      this.#start = () =>
        new Leader(this.#env, line, id, this.#env.now(), (message) => channel.postMessage(message));
      channel.onmessage = ({ data }) => {
        const message = data as Message;
        if (!isFromLeader(message) && message.kind !== "alone") this.#receive(message);
      };
    }
    this.#receive(join);
  }

  #receive(message: ToLeader): void {
    if (message.kind === "leave") this.#tabs.delete(message.tab);
    else this.#tabs.add(message.tab);
    if (this.#tabs.size === 0) {
      this.#leader?.stop();
      this.#leader = null;
      return;
    }
    if (!this.#leader) {
      this.#leader = this.#start?.() ?? null;
      this.#leader?.start(message.kind === "join" ? message.after : null, []);
    }
    this.#leader?.receive(message);
  }
}

/** The whole of `samband-worker.js`. */
export function leadFromWorker(): void {
  const leader = new WorkerLeader(browserEnvironment());
  addEventListener("connect", (event) => {
    const [port] = (event as MessageEvent).ports;
    if (!port) return;
    port.onmessage = ({ data }) => leader.meet(data as Introduction);
  });
}
