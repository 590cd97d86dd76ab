import type { ConnectionState } from "../../client/index.js";

/** Why what is on the screen may be out of date. `heardMillis` is how long ago the server was last heard; null: never. */
export type Doubt =
  | { readonly kind: "sign_in" | "forbidden" | "polling" | "restoring" }
  | { readonly kind: "missing" | "fetchingBoard" | "noBoard" }
  | { readonly kind: "noContact" | "broken" | "silent"; readonly heardMillis: number | null }
  /** `cutOff`: the server cannot reach the log. */
  | { readonly kind: "heldBack" | "cutOff"; readonly sinceMillis: number }
  | { readonly kind: "behind"; readonly events: number };

/** `bad`: do not rely on what you see. `warn`: it may come late. */
export type Severity = "bad" | "warn";

/** A proof of life that is older than the server's pauses allow is a warning, whatever the status is. */
const KEEPALIVES_UNTIL_DOUBT = 1.5;

/** Two polls and a little: as long as polls come, news is at most that late. */
const FRESH_MILLIS = 12_000;

/** As much of the connection's state as is needed to say whether the page is current. */
export interface Line
  extends Pick<
    ConnectionState,
    "status" | "keepaliveMillis" | "catchingUp" | "refusal" | "behind" | "log"
  > {
  readonly heldBackSince: number | null;
  readonly heardMillis: number | null;
}

/** What the store says of it. How long ago the server was heard is on another clock: `SSEClient.heardMillis`. */
export function lineOf(state: ConnectionState): Omit<Line, "heardMillis"> {
  const { status, keepaliveMillis, catchingUp, refusal, behind, log, logSince } = state;
  return { status, keepaliveMillis, catchingUp, refusal, behind, log, heldBackSince: logSince };
}

/** The one most important reason for doubt; null if the page is live. */
export function doubt(
  line: Line,
  board: { readonly loaded: boolean; readonly outdated: boolean },
): Doubt | null {
  const { heardMillis } = line;
  if (line.status !== "connected" && line.refusal) return { kind: line.refusal };
  switch (line.status) {
    case "disconnected":
      return { kind: "noContact", heardMillis };
    case "polling":
      return heldBack(line) ?? { kind: "polling" };
    case "reconnecting":
      if (heardMillis !== null && heardMillis < FRESH_MILLIS) return { kind: "restoring" };
      return { kind: "broken", heardMillis };
    case "connected":
      return doubtThoughConnected(line, board);
  }
}

function doubtThoughConnected(
  line: Line,
  board: { readonly loaded: boolean; readonly outdated: boolean },
): Doubt | null {
  const { heardMillis } = line;
  if (heardMillis !== null && heardMillis > KEEPALIVES_UNTIL_DOUBT * line.keepaliveMillis) {
    return { kind: "silent", heardMillis };
  }
  const held = heldBack(line);
  if (held) return held;
  if (line.behind !== null) return { kind: "behind", events: line.behind };
  if (line.catchingUp) return { kind: "missing" };
  if (!board.loaded) return { kind: "noBoard" };
  return board.outdated ? { kind: "fetchingBoard" } : null;
}

function heldBack({ log, heldBackSince }: Line): Doubt | null {
  if (heldBackSince === null) return null;
  return { kind: log === "stale" ? "cutOff" : "heldBack", sinceMillis: heldBackSince };
}

export function severity({ kind }: Doubt): Severity {
  switch (kind) {
    case "polling":
    case "restoring":
    case "fetchingBoard":
    case "noBoard":
      return "warn";
    default:
      return "bad";
  }
}
