import type { Predecessor } from "./connection.js";
import type { Environment } from "./environment.js";
import type { SSEEvent } from "./event.js";
import type { FromLeader, ToLeader } from "./messages.js";
import type { Line } from "./poll.js";

/** How the tabs of this browser share one connection. */
export type Sharing = "locks" | "worker" | "none";

/** Whether this tab holds the connection, is told by another that does, or does not know yet. */
export type Role = "leader" | "follower" | "joining";

type Body<M> = M extends unknown ? Omit<M, "tab"> : never;
export type Request = Body<ToLeader>;

/** A tab's part in the sharing. */
export interface Share {
  readonly sharing: Sharing;
  start(): void;
  stop(): void;
  /** To whoever leads, which may be this tab. */
  ask(request: Request): void;
  /** The page was shown, the network is back, …: look now. */
  wake(): void;
  /** The page is about to be frozen or put away: nothing must depend on it. */
  suspend(): void;
  resume(): void;
}

/** What a share needs of its tab. */
export interface Seat {
  readonly env: Environment;
  readonly line: Line;
  readonly tab: string;
  /** Where the tab stands: a new leader goes on from there. */
  cursor(): string | null;
  recent(): readonly SSEEvent[];
  /** What the last leader said of the line. */
  before(): Predecessor;
  receive(message: FromLeader): void;
  role(role: Role, sharing: Sharing, reason: string): void;
  warn(message: string): void;
}

/** Tabs of different versions of this client do not talk to one another. */
const PROTOCOL = 1;

export function channelName(line: Line): string {
  return `samband-${PROTOCOL}${line.withCredentials ? "-credentials" : ""}:${line.url}`;
}
