import { parseEventId, type SSEEvent } from "../../client/index.js";
import type { Flash, Snapshot, Vehicle, VehicleStatus } from "../model/model.js";
import { outcomeOf, type SendOutcome } from "../model/outcome.js";
import { serverClock } from "./server-clock.js";

/** One row of `GET /api/sse/connections`. */
export interface ConnectionRow {
  readonly id: number;
  readonly connectedAt: string;
  readonly address: string;
  readonly userAgent: string | null;
  readonly cursor: string;
  readonly lag: number;
  readonly lastWriteAt: string;
  readonly state: string;
  readonly types: readonly string[] | null;
}

/** The server answered, and not with what was asked for. The message is what its problem body (RFC 9457) says. */
export class ServerProblem extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export type VehicleChange =
  | { readonly kind: "changed"; readonly vehicle: Vehicle }
  | { readonly kind: "conflict"; readonly current: Vehicle };

/** A dispatcher who waits for longer believes that nothing happens. */
const ANSWER_WITHIN_MILLIS = 15_000;

const FEED_EVENTS = 200;
/** Flash messages are rare: they are looked for further back than events of other types. */
const FLASH_OFFSETS = 5_000;

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

/** Events up to the id: the last ones of every type, and the flash messages of a longer time. */
export async function fetchHistory(upTo: string): Promise<readonly SSEEvent[]> {
  const at = parseEventId(upTo);
  if (!at) return [];
  const since = (count: number) => `${at.epoch}-${Math.max(0, at.offset - count)}`;
  const flashes = "types=flash_message,flash_acknowledged";
  const parts = await Promise.all([
    poll(`after=${since(FLASH_OFFSETS)}&${flashes}&limit=${FEED_EVENTS}`),
    poll(`after=${since(FEED_EVENTS)}&limit=${FEED_EVENTS}`),
  ]);
  return [...new Map(parts.flat().map((event) => [event.id, event])).values()];
}

async function poll(query: string): Promise<readonly SSEEvent[]> {
  return (await ask<{ events: SSEEvent[] }>(`api/sse/poll?${query}`)).events;
}

export function fetchConnections(): Promise<readonly ConnectionRow[]> {
  // Asked every few seconds: a request that hangs must not take the browser's connections from the stream.
  return ask("api/sse/connections", { signal: AbortSignal.timeout(3_000) });
}

export async function sendFlash(text: string, priority: Flash["priority"]): Promise<SendOutcome> {
  const response = await request("api/flash", json("POST", { text, priority }));
  return outcomeOf(response.status, await response.json().catch(() => null));
}

/** Resolves when the server has taken the acknowledgement, or does not know the message any more. */
export async function acknowledgeFlash(id: string, by: string): Promise<void> {
  const path = `api/flash/${encodeURIComponent(id)}/acknowledgements`;
  const response = await request(path, json("POST", { by }));
  if (!response.ok && response.status !== 404) throw await problem(response);
}

/** Changes a vehicle that was seen in this version; a change by somebody else in between is a conflict. */
export async function changeStatus(
  id: string,
  status: VehicleStatus,
  version: number,
): Promise<VehicleChange> {
  const path = `api/vehicles/${encodeURIComponent(id)}/status`;
  const response = await request(path, json("PUT", { status, version }));
  if (response.status === 409) {
    const { current } = (await response.json()) as { current: Vehicle };
    return { kind: "conflict", current };
  }
  if (!response.ok) throw await problem(response);
  return { kind: "changed", vehicle: (await response.json()) as Vehicle };
}

export function sendTestEvent(): Promise<{ nonce: string; subscribers: number }> {
  return ask("api/sse/test", { method: "POST" });
}

/** One after the other, so that a burst shows what the stream does and not what the browser's queue does. */
export async function sendBurst(count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 1) await sendTestEvent();
}

/** Whether the server serves everybody, without asking who it is. */
export async function fetchIsOpen(): Promise<boolean> {
  // A server that is not ready says it too.
  const response = await request("api/health/ready");
  return ((await response.json()) as { auth?: string }).auth === "open";
}

/** Any answer of the server sets the clock. */
export async function askForTheTime(): Promise<void> {
  await request("api/health/live");
}

function json(method: string, body: unknown): RequestInit {
  const headers = { "Content-Type": "application/json" };
  return { method, headers, body: JSON.stringify(body) };
}

async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await request(path, init);
  if (!response.ok) throw await problem(response);
  return (await response.json()) as T;
}

async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(new URL(path, document.baseURI), {
    cache: "no-store",
    // A login page is no answer.
    redirect: "manual",
    signal: AbortSignal.timeout(ANSWER_WITHIN_MILLIS),
    ...init,
  });
  serverClock.heard(response);
  return response;
}

async function problem(response: Response): Promise<ServerProblem> {
  try {
    const { detail, title } = (await response.json()) as { detail?: string; title?: string };
    return new ServerProblem(response.status, detail ?? title ?? `HTTP ${response.status}`);
  } catch {
    return new ServerProblem(response.status, `HTTP ${response.status}`);
  }
}
