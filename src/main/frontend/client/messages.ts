import type { SharedState } from "./connection.js";
import type { Batch, SSEEvent, SSEReset } from "./event.js";

/** What a leader tells the tabs. */
export type FromLeader = {
  readonly leader: string;
  /** Orders the leaders: one with a lower term was replaced. */
  readonly term: number;
} & (
  | { readonly kind: "state"; readonly state: SharedState }
  | { readonly kind: "batch"; readonly batch: Batch; readonly heardMillis: number | null }
  | { readonly kind: "reset"; readonly reset: SSEReset; readonly prev: string | null }
  /** The answer to a tab that joins or woke up, to this tab alone: the state, and the events after its cursor. */
  | { readonly kind: "welcome"; readonly state: SharedState; readonly recent: readonly SSEEvent[] }
  | { readonly kind: "pong" }
);

/** What a tab says to the leader. `term` is the highest that it has heard of. */
export type ToLeader = { readonly tab: string; readonly term: number } & Request;

/** What a tab may ask of the leader. */
export type Request =
  | { readonly kind: "join"; readonly after: string | null }
  | { readonly kind: "leave" }
  | { readonly kind: "ping" }
  /** `slept`: the computer may have slept. */
  | { readonly kind: "wake"; readonly slept: boolean }
  | { readonly kind: "reconnect" }
  | { readonly kind: "forcePolling"; readonly on: boolean }
  /** To all tabs: the user signs out of this browser. */
  | { readonly kind: "signOut" };

/** Where every tab has a stream of its own, the tabs count each other. */
export type Census =
  | { readonly kind: "alone"; readonly tab: string; readonly answer: boolean }
  | { readonly kind: "signOut" };

export type Message = FromLeader | ToLeader;

export function isFromLeader(message: Message): message is FromLeader {
  return "leader" in message;
}
