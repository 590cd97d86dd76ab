import { createStore } from "zustand/vanilla";
import type { ConnectionError, LineState } from "./line-state.js";
import type { ConnectionStatus } from "./policy.js";
import type { Role, Sharing } from "./share.js";

/** A change of status, as it was shown. */
export interface Transition {
  readonly at: number;
  readonly from: ConnectionStatus;
  readonly to: ConnectionStatus;
  readonly reason: string;
  readonly attempts: number;
  readonly role: Role;
  /** How old the last proof of life was at that moment; null if there never was one. */
  readonly proofAgeMillis: number | null;
}

/** All that a page can know about its connection. Times are milliseconds since 1970. */
export interface ConnectionState {
  readonly status: ConnectionStatus;
  /** Why, in plain words. */
  readonly reason: string;
  /** Attempts that failed since the stream was last up. */
  readonly attempts: number;
  readonly nextAttemptAt: number | null;
  /** The last event that this tab handed to the application. */
  readonly lastEventId: string | null;
  readonly lastEventTimestamp: string | null;
  /** When the server was last heard: a frame, or a poll that succeeded. */
  readonly lastProofAt: number | null;
  /** How often the server speaks when there is nothing to say. */
  readonly keepaliveMillis: number;
  /** The round trip of a test event on this browser's clock, when it was last measured. */
  readonly latencyMillis: number | null;
  /** The newest last. */
  readonly errors: readonly ConnectionError[];
  readonly transitions: readonly Transition[];
  readonly role: Role;
  readonly sharing: Sharing | null;
  readonly tab: string;
  /** Which tab (or worker) leads. */
  readonly leader: string | null;
  /** The epoch of the server's log: another one means that the server was restarted. */
  readonly epoch: string | null;
  readonly pollingForced: boolean;
  /** This tab knows that it lacks events, and is fetching them. */
  readonly catchingUp: boolean;
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

export interface WritableConnectionStore extends ConnectionStore {
  setState(change: Partial<ConnectionState>): void;
}

const MOST_ERRORS = 50;
const MOST_TRANSITIONS = 500;

/**
 * @param failed is told what a subscriber throws, which is not to reach the client: zustand lets it through
 */
export function createConnectionStore(
  tab: string,
  keepaliveMillis: number,
  failed: (error: unknown) => void,
): WritableConnectionStore {
  const store = createStore<ConnectionState>(() => ({
    status: "disconnected",
    reason: "not started",
    attempts: 0,
    nextAttemptAt: null,
    lastEventId: null,
    lastEventTimestamp: null,
    lastProofAt: null,
    keepaliveMillis,
    latencyMillis: null,
    errors: [],
    transitions: [],
    role: "joining",
    sharing: null,
    tab,
    leader: null,
    epoch: null,
    pollingForced: false,
    catchingUp: false,
    resets: 0,
    warning: null,
  }));
  return {
    ...store,
    subscribe: (listener) =>
      store.subscribe((state, previous) => {
        try {
          listener(state, previous);
        } catch (error) {
          failed(error);
        }
      }),
  };
}

/** What changes when a state arrives from whoever leads. */
export function lineChange(state: LineState, before: ConnectionState): Partial<ConnectionState> {
  const { cursor: _cursor, error, lastProofAt, ...line } = state;
  return {
    ...line,
    // A new leader has not heard one yet: that is no restart of the server.
    epoch: line.epoch ?? before.epoch,
    lastProofAt: latest(lastProofAt, before.lastProofAt),
    errors: error ? withError(before.errors, error) : before.errors,
  };
}

export function withError(
  errors: readonly ConnectionError[],
  error: ConnectionError,
): readonly ConnectionError[] {
  const last = errors.at(-1);
  if (last?.at === error.at && last.message === error.message) return errors;
  return [...errors, error].slice(-MOST_ERRORS);
}

/** The transition that a change makes, if it makes one. */
export function transitionOf(
  before: ConnectionState,
  after: ConnectionState,
  now: number,
): Transition | null {
  if (before.status === after.status) return null;
  return {
    at: now,
    from: before.status,
    to: after.status,
    reason: after.reason,
    attempts: after.attempts,
    role: after.role,
    proofAgeMillis: after.lastProofAt === null ? null : now - after.lastProofAt,
  };
}

export function withTransition(
  transitions: readonly Transition[],
  transition: Transition,
): readonly Transition[] {
  return [...transitions, transition].slice(-MOST_TRANSITIONS);
}

export function latest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.max(one, other);
}
