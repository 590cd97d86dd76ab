import type { Environment } from "./environment.js";
import type { LineState } from "./line-state.js";
import type { Logger } from "./logger.js";
import type { Role, Sharing } from "./share.js";
import {
  type ConnectionState,
  createConnectionStore,
  latest,
  lineChange,
  transitionOf,
  type WritableConnectionStore,
  withError,
  withTransition,
} from "./store.js";

/** Writes what happens into the store, and what changes into the browser's console. */
export class Ledger {
  readonly store: WritableConnectionStore;
  readonly #env: Environment;
  readonly #log: Logger;

  constructor(env: Environment, log: Logger, keepaliveMillis: number) {
    this.#env = env;
    this.#log = log;
    this.store = createConnectionStore(env.newId(), keepaliveMillis, (error) =>
      log.write("error", `a subscriber of the store failed: ${error}`),
    );
  }

  change(change: Partial<ConnectionState>): void {
    const before = this.store.getState();
    const after = { ...before, ...change };
    const transition = transitionOf(before, after, this.#env.now());
    const { transitions } = before;
    this.store.setState(
      transition ? { ...change, transitions: withTransition(transitions, transition) } : change,
    );
    this.#logChange(before, after);
  }

  /** What the leader says about the line. */
  line(state: LineState, leader: string): void {
    this.change({ ...lineChange(state, this.store.getState()), leader });
  }

  role(role: Role, sharing: Sharing, reason: string): void {
    const before = this.store.getState();
    if (before.role !== role) this.#log.write("info", `${role} (${sharing}): ${reason}`);
    const leader = role === "leader" ? before.tab : before.leader;
    this.change({ role, sharing, leader });
  }

  proof(at: number): void {
    this.store.setState({ lastProofAt: latest(at, this.store.getState().lastProofAt) });
  }

  fault(message: string): void {
    const at = this.#env.now();
    this.change({ errors: withError(this.store.getState().errors, { at, message }) });
  }

  catchingUp(catchingUp: boolean): void {
    if (this.store.getState().catchingUp !== catchingUp) this.change({ catchingUp });
  }

  #logChange(before: ConnectionState, after: ConnectionState): void {
    const error = after.errors.at(-1);
    if (error && error !== before.errors.at(-1)) this.#log.write("warn", error.message);
    if (after.status !== before.status) {
      this.#log.write("info", `${before.status} -> ${after.status}: ${after.reason}`);
    } else if (after.attempts > before.attempts) {
      const wait = ((after.nextAttemptAt ?? this.#env.now()) - this.#env.now()) / 1_000;
      this.#log.write("info", `attempt ${after.attempts} failed, next in ${wait.toFixed(1)} s`);
    }
    if (before.epoch !== null && after.epoch !== before.epoch) {
      this.#log.write("info", `the server was restarted: epoch ${after.epoch}`);
    }
  }
}
