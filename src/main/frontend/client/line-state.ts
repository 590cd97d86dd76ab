import type { ConnectionStatus } from "./policy.js";

/** Something that went wrong, and when (milliseconds since 1970). */
export interface ConnectionError {
  readonly at: number;
  readonly message: string;
}

/** What there is to know about the one connection of this browser; every tab is told. */
export interface LineState {
  readonly status: ConnectionStatus;
  /** Why the status is what it is, in plain words. */
  readonly reason: string;
  /** Attempts that failed since the stream was last up. */
  readonly attempts: number;
  /** When the next attempt is due, or null while one is under way or none is needed. */
  readonly nextAttemptAt: number | null;
  /** The last id that the connection has seen. */
  readonly cursor: string | null;
  /** The epoch of the log as the server last named it. A new one: the server was restarted. */
  readonly epoch: string | null;
  /** When the server was last heard: a frame or a poll that succeeded. */
  readonly lastProofAt: number | null;
  readonly keepaliveMillis: number;
  readonly pollingForced: boolean;
  readonly error: ConnectionError | null;
}
