import type { Batch, SSEEvent, SSEReset } from "./event.js";
import type { LineState } from "./line-state.js";

/** What a leader says to the tabs. */
export type FromLeader = {
  /** Who leads, and since when in the order of leaders: a lower term is a leader that was replaced. */
  readonly leader: string;
  readonly term: number;
} & (
  | { readonly kind: "state"; readonly state: LineState }
  | { readonly kind: "batch"; readonly batch: Batch; readonly proofAt: number | null }
  | { readonly kind: "reset"; readonly reset: SSEReset }
  | Welcome
  | { readonly kind: "pong" }
);

/** The answer to a tab that joins, or that woke up: what is the case, and the events before it. */
export interface Welcome {
  readonly kind: "welcome";
  readonly to: string;
  readonly state: LineState;
  readonly recent: readonly SSEEvent[];
}

/** What a tab says to whoever leads. */
export type ToLeader = { readonly tab: string } & (
  | { readonly kind: "join"; readonly after: string | null }
  | { readonly kind: "leave" }
  | { readonly kind: "ping" }
  | { readonly kind: "wake" }
  | { readonly kind: "reconnect" }
  | { readonly kind: "forcePolling"; readonly on: boolean }
);

/** Only in the last resort, where every tab has a stream of its own: they count one another. */
export interface Census {
  readonly kind: "alone";
  readonly tab: string;
  readonly answer: boolean;
}

export type Message = FromLeader | ToLeader | Census;

export function isFromLeader(message: Message): message is FromLeader {
  return "leader" in message;
}
