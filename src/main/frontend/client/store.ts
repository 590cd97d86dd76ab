import { createStore } from "zustand/vanilla";
import type { ConnectionError, SharedState } from "./connection.js";
import type { Environment } from "./environment.js";
import type { Identity } from "./identity.js";
import type { Logger } from "./logger.js";
import { DEFAULT_KEEPALIVE_MILLIS } from "./policy.js";
import type { Role, Sharing } from "./tabs.js";

/** All that a page can know about its connection. Times are milliseconds since 1970 on this browser's clock. */
export interface ConnectionState
  extends Pick<
    SharedState,
    | "status"
    | "reason"
    | "attempts"
    | "nextAttemptAt"
    | "refusal"
    | "epoch"
    | "keepaliveMillis"
    | "pollingForced"
    | "log"
  > {
  /** Who is signed in, as the server last said; null if that is not known, or nobody. */
  readonly identity: Identity | null;
  /** The last event that this tab handed to the application. */
  readonly lastEventId: string | null;
  readonly lastEventTimestamp: string | null;
  /** When the server was last heard: a frame, or a poll that succeeded. For an age, take the client's `heardMillis`. */
  readonly lastProofAt: number | null;
  /** Since when the server has held events back; null while `log` is `ok`. */
  readonly logSince: number | null;
  /** This tab lacks events, or the connection does: they are being fetched or replayed. */
  readonly catchingUp: boolean;
  /** How many events this tab still has to deliver, as far as is known; null if it is none. */
  readonly behind: number | null;
  /** The newest last, at most 50. */
  readonly errors: readonly ConnectionError[];
  readonly role: Role;
  readonly sharing: Sharing | null;
  readonly tab: string;
  /** The tab or worker that leads. */
  readonly leader: string | null;
  /** How often a reset was handed to the application. */
  readonly resets: number;
  readonly warning: string | null;
}

/** A zustand store that only the client writes to. */
export interface ConnectionStore {
  getState(): ConnectionState;
  getInitialState(): ConnectionState;
  subscribe(listener: (state: ConnectionState, previous: ConnectionState) => void): () => void;
}

/** The store, and how the client changes it. */
export interface WritableStore {
  readonly store: ConnectionStore;
  change(change: Partial<ConnectionState>): void;
  /** Writes down what went wrong. */
  fault(error: ConnectionError): void;
}

const MOST_ERRORS = 50;

/** Makes the store of one client. Changes of status and errors are logged as well. */
export function openStore(env: Environment, log: Logger): WritableStore {
  const store = createStore<ConnectionState>(() => ({
    status: "reconnecting",
    reason: "not started",
    attempts: 0,
    nextAttemptAt: null,
    refusal: null,
    identity: null,
    lastEventId: null,
    lastEventTimestamp: null,
    lastProofAt: null,
    keepaliveMillis: DEFAULT_KEEPALIVE_MILLIS,
    log: "ok",
    logSince: null,
    catchingUp: false,
    behind: null,
    errors: [],
    role: "joining",
    sharing: null,
    tab: env.newId(),
    leader: null,
    epoch: null,
    pollingForced: false,
    resets: 0,
    warning: null,
  }));
  const change = (change: Partial<ConnectionState>) => {
    const before = store.getState();
    store.setState(change);
    logChange(before, { ...before, ...change }, env, log);
  };
  return {
    store: {
      getState: store.getState,
      getInitialState: store.getInitialState,
      // zustand lets through what a subscriber throws; it must not reach the client.
      subscribe: (listener) =>
        store.subscribe((state, previous) => {
          try {
            listener(state, previous);
          } catch (error) {
            env.reportError(error);
          }
        }),
    },
    change,
    fault(error) {
      const { errors } = store.getState();
      const last = errors.at(-1);
      // A leader repeats its last error with each state.
      if (last?.at === error.at && last.message === error.message) return;
      change({ errors: [...errors, error].slice(-MOST_ERRORS) });
    },
  };
}

function logChange(before: ConnectionState, after: ConnectionState, env: Environment, log: Logger) {
  const error = after.errors.at(-1);
  if (error && error !== before.errors.at(-1)) log.write("warn", error.message);
  if (after.status !== before.status) {
    log.write("info", `${before.status} -> ${after.status}: ${after.reason}`);
  } else if (after.attempts > before.attempts) {
    const wait = ((after.nextAttemptAt ?? env.now()) - env.now()) / 1_000;
    log.write("info", `attempt ${after.attempts} failed, next in ${wait.toFixed(1)} s`);
  }
  if (before.epoch !== null && after.epoch !== before.epoch) {
    log.write("info", `the server was restarted: epoch ${after.epoch}`);
  }
  if (after.log !== before.log) log.write("info", `the server's log: ${after.log}`);
  if (after.role !== before.role) log.write("info", `${after.role} (${after.sharing})`);
  if (after.warning !== before.warning) log.write("warn", `${after.warning}`);
}
