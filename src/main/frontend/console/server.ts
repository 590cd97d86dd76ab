import type { SSEEvent } from "../client/index.js";
import { parseEventId } from "../client/index.js";
import type { Flash, Snapshot, Vehicle, VehicleStatus } from "./model.js";

/** One row of `GET /api/sse/connections`. */
export interface ConnectionRow {
  readonly connectedAt: string;
  readonly address: string;
  readonly userAgent: string | null;
  readonly cursor: string;
  readonly lag: number;
  readonly lastWriteAt: string;
  readonly state: string;
  readonly types: readonly string[] | null;
}

const HISTORY = 100;

export async function fetchSnapshot(timeoutMillis: number): Promise<Snapshot> {
  const signal = AbortSignal.timeout(timeoutMillis);
  const [cars, messages] = await Promise.all([
    ask<{ lastEventId: string; vehicles: Vehicle[] }>("api/vehicles", { signal }),
    ask<{ lastEventId: string; flashes: Flash[] }>("api/flash", { signal }),
  ]);
  return {
    vehicles: cars.vehicles,
    vehiclesAfter: cars.lastEventId,
    flashes: messages.flashes,
    flashesAfter: messages.lastEventId,
  };
}

/** The last events up to the id, from the log itself. */
export async function fetchHistory(upTo: string): Promise<readonly SSEEvent[]> {
  const at = parseEventId(upTo);
  if (!at) return [];
  const after = `${at.epoch}-${Math.max(0, at.offset - HISTORY)}`;
  const url = `api/sse/poll?after=${after}&limit=${HISTORY}`;
  return (await ask<{ events: SSEEvent[] }>(url)).events;
}

export function fetchConnections(): Promise<readonly ConnectionRow[]> {
  // Asked every few seconds: what hangs must not take the browser's connections from the stream.
  return ask("api/sse/connections", { signal: AbortSignal.timeout(3_000) });
}

export function sendFlash(text: string, priority: Flash["priority"]): Promise<{ id: string }> {
  return ask("api/flash", json("POST", { text, priority }));
}

export function changeStatus(id: string, status: VehicleStatus): Promise<Vehicle> {
  return ask(`api/vehicles/${encodeURIComponent(id)}/status`, json("PUT", { status }));
}

export function sendTestEvent(): Promise<{ nonce: string; subscribers: number }> {
  return ask("api/sse/test", { method: "POST" });
}

/** One after the other, so that a burst shows what the stream does and not what the browser's queue does. */
export async function sendBurst(count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 1) await sendTestEvent();
}

function json(method: string, body: unknown): RequestInit {
  const headers = { "Content-Type": "application/json" };
  return { method, headers, body: JSON.stringify(body) };
}

async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(new URL(path, document.baseURI), { cache: "no-store", ...init });
  if (!response.ok) throw new Error(await problem(response));
  return (await response.json()) as T;
}

/** What a problem body (RFC 9457) says in words, or at least the status. */
async function problem(response: Response): Promise<string> {
  try {
    const { detail, title } = (await response.json()) as { detail?: string; title?: string };
    return detail ?? title ?? `HTTP ${response.status}`;
  } catch {
    return `HTTP ${response.status}`;
  }
}
