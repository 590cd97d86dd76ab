import { Connection, type Predecessor } from "./connection.js";
import type { Environment } from "./environment.js";
import type { SSEEvent } from "./event.js";
import type { FromLeader, ToLeader } from "./messages.js";
import type { Line } from "./poll.js";
import { Recent } from "./recent.js";

type Body<M> = M extends unknown ? Omit<M, "leader" | "term"> : never;

/** Whoever holds the one connection: tells the tabs all of it, and answers them. */
export class Leader {
  readonly id: string;
  readonly term: number;
  readonly #connection: Connection;
  readonly #recent = new Recent();
  readonly #send: (message: FromLeader) => void;

  constructor(
    env: Environment,
    line: Line,
    id: string,
    term: number,
    send: (message: FromLeader) => void,
  ) {
    this.id = id;
    this.term = term;
    this.#send = send;
    this.#connection = new Connection(env, line, {
      state: (state) => this.#tell({ kind: "state", state }),
      batch: (batch) => {
        this.#recent.add(batch.events);
        const proofAt = this.#connection.state.lastProofAt;
        this.#tell({ kind: "batch", batch, proofAt });
      },
      reset: (reset) => {
        this.#recent.clear();
        this.#tell({ kind: "reset", reset });
      },
    });
  }

  /** Goes on where the tab stands that has come to lead, with what it has seen. */
  start(cursor: string | null, recent: readonly SSEEvent[], before?: Predecessor): void {
    this.#recent.add(recent);
    this.#connection.start(cursor, before);
  }

  stop(): void {
    this.#connection.stop();
  }

  wake(): void {
    this.#connection.wake();
  }

  /** Says again what is the case; a leader that was replaced learns from it that it was. */
  announce(): void {
    this.#tell({ kind: "state", state: this.#connection.state });
  }

  receive(message: ToLeader): void {
    switch (message.kind) {
      case "join": {
        const { state } = this.#connection;
        const recent = this.#recent.after(message.after);
        this.#tell({ kind: "welcome", to: message.tab, state, recent });
        break;
      }
      case "ping":
        // The leader may be a hidden tab, whose timers hardly run: the tabs that are looked at are its clock.
        this.#connection.runDue();
        this.#tell({ kind: "pong" });
        break;
      case "wake":
        this.#connection.wake();
        break;
      case "reconnect":
        this.#connection.reconnect();
        break;
      case "forcePolling":
        this.#connection.forcePolling(message.on);
        break;
      case "leave":
        break;
    }
  }

  #tell(body: Body<FromLeader>): void {
    this.#send({ leader: this.id, term: this.term, ...body } as FromLeader);
  }
}
