import { Connection, type Predecessor } from "./connection.js";
import type { Endpoint } from "./endpoint.js";
import type { Environment } from "./environment.js";
import type { SSEEvent } from "./event.js";
import type { FromLeader, ToLeader } from "./messages.js";
import { Recent } from "./recent.js";

type Body<M> = M extends unknown ? Omit<M, "leader" | "term"> : never;

/** Sends a message to all tabs, or to one. */
export type Send = (message: FromLeader, tab?: string) => void;

/** Where a leader begins. */
export interface Beginning {
  readonly cursor: string | null;
  readonly recent: readonly SSEEvent[];
  readonly before: Predecessor;
}

/** Owns the one connection, in a tab or in a worker: passes on all of it, and answers the tabs. */
export class Leader {
  readonly id: string;
  #term: number;
  readonly #connection: Connection;
  readonly #recent = new Recent();
  readonly #send: Send;

  constructor(env: Environment, endpoint: Endpoint, id: string, term: number, send: Send) {
    this.id = id;
    this.#term = term;
    this.#send = send;
    this.#connection = new Connection(env, endpoint, {
      state: (state) => this.#tell({ kind: "state", state }),
      batch: (batch) => {
        this.#recent.add(batch.events);
        this.#tell({ kind: "batch", batch, heardMillis: this.#connection.state.heardMillis });
      },
      reset: (reset, prev) => {
        this.#recent.clear();
        this.#tell({ kind: "reset", reset, prev });
      },
      forget: () => this.#recent.clear(),
    });
  }

  get term(): number {
    return this.#term;
  }

  start({ cursor, recent, before }: Beginning): void {
    this.#recent.add(recent);
    this.#connection.start(cursor, before);
  }

  stop(): void {
    this.#connection.stop();
  }

  wake(slept: boolean): void {
    this.#connection.wake(slept);
  }

  /** Says again what the state is; a leader that was replaced learns from it that it was. */
  announce(): void {
    this.#tell({ kind: "state", state: this.#connection.state });
  }

  /** Another leader has this term, and ours counts. */
  outdo(term: number): void {
    if (term < this.#term) return;
    this.#term = term + 1;
    this.announce();
  }

  receive(message: ToLeader): void {
    // The tab believes a leader that is gone. A worker or tab that leads without having heard of it goes beyond it.
    if (message.term > this.#term) this.outdo(message.term);
    switch (message.kind) {
      case "join": {
        const { state } = this.#connection;
        const recent = this.#recent.after(message.after);
        this.#tell({ kind: "welcome", state, recent }, message.tab);
        break;
      }
      case "ping":
        // The leader may be a hidden tab, whose timers hardly run: questions of visible tabs run what is due.
        this.#connection.runDue();
        this.#tell({ kind: "pong" });
        break;
      case "wake":
        this.#connection.wake(message.slept);
        break;
      case "reconnect":
        this.#connection.reconnect();
        break;
      case "forcePolling":
        this.#connection.forcePolling(message.on);
        break;
      case "leave":
      case "signOut":
        break;
    }
  }

  #tell(body: Body<FromLeader>, tab?: string): void {
    this.#send({ leader: this.id, term: this.#term, ...body } as FromLeader, tab);
  }
}
