import type { ConnectionState, SSEEvent } from "../client/index.js";
import { isFlash, isVehicle, type VehicleStatus } from "./model.js";

export const STATUS_WORDS: Record<VehicleStatus, string> = {
  available: "Available",
  dispatched: "Dispatched",
  on_scene: "On scene",
  transporting: "Transporting",
  out_of_service: "Out of service",
};

export const CONNECTION_WORDS: Record<ConnectionState["status"], string> = {
  connected: "Connected",
  reconnecting: "Reconnecting",
  polling: "Polling",
  disconnected: "Disconnected",
};

/** A proof that is older than the server's silence allows is a warning, whatever the status is. */
const KEEPALIVES_UNTIL_DOUBT = 1.5;

/** How long ago, as one would say it. */
export function age(millis: number): string {
  const seconds = Math.max(0, Math.round(millis / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function clockTime(at: number | string): string {
  return new Date(at).toLocaleTimeString([], { hour12: false });
}

/** Whether what is on the screen may be out of date, in words for somebody who has to decide; null if it is not. */
export function doubt(
  line: ConnectionState,
  board: { outdated: boolean; loadedAt: number | null },
  now: number,
): string | null {
  const since = line.lastProofAt === null ? null : now - line.lastProofAt;
  const mayBeOld = "What you see may be out of date.";
  const heard =
    since === null
      ? "The server has not answered yet."
      : `The server was last heard ${age(since)} ago, at ${clockTime(line.lastProofAt ?? now)}.`;
  const fresh = since !== null && since < 12_000;
  switch (line.status) {
    case "disconnected":
      return `No contact with the server: ${line.reason}. ${heard} ${mayBeOld}`;
    case "polling":
      return "There is no live line. The page asks the server every few seconds, so news may come late.";
    case "reconnecting":
      return fresh
        ? "The live line is being restored. Until then the page asks the server every few seconds."
        : `The connection is broken. ${heard} ${mayBeOld}`;
    case "connected":
      if (since !== null && since > KEEPALIVES_UNTIL_DOUBT * line.keepaliveMillis) {
        return `Nothing was heard for ${age(since)}. ${mayBeOld}`;
      }
      if (line.catchingUp) return `Events are missing and are being fetched. ${mayBeOld}`;
      if (board.outdated && board.loadedAt !== null) {
        return `The board is being fetched again. ${mayBeOld}`;
      }
      return board.outdated ? "The board has not been loaded yet." : null;
  }
}

/** One event in one line. */
export function summary(event: SSEEvent): string {
  if (isFlash(event)) return event.data.text;
  if (isVehicle(event)) {
    return `${event.data.id}: ${STATUS_WORDS[event.data.status] ?? event.data.status}`;
  }
  return JSON.stringify(event.data ?? null);
}
