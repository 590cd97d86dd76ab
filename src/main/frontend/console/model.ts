import type { SSEEvent } from "../client/index.js";

export const VEHICLE_STATUSES = [
  "available",
  "dispatched",
  "on_scene",
  "transporting",
  "out_of_service",
] as const;
export type VehicleStatus = (typeof VEHICLE_STATUSES)[number];

export interface Vehicle {
  readonly id: string;
  readonly status: VehicleStatus;
  /** Counts up with every change of this vehicle. */
  readonly version: number;
  readonly updatedAt: string;
}

export interface Flash {
  readonly id: string;
  readonly text: string;
  readonly priority: "normal" | "high";
  readonly createdAt: string;
}

/** What the server says is the case, and the event ids at which each half of it was read. */
export interface Snapshot {
  readonly vehicles: readonly Vehicle[];
  readonly vehiclesAfter: string;
  readonly flashes: readonly Flash[];
  readonly flashesAfter: string;
}

declare module "../client/event.js" {
  interface SSEEventData {
    flash_message: Flash;
    bilstatus_update: Vehicle;
  }
}

export function isFlash(event: SSEEvent): event is SSEEvent<"flash_message"> {
  return event.type === "flash_message" && has(event.data, "id") && has(event.data, "text");
}

export function isVehicle(event: SSEEvent): event is SSEEvent<"bilstatus_update"> {
  return event.type === "bilstatus_update" && has(event.data, "id") && has(event.data, "status");
}

/** Anybody may publish an event of a known type with other data: such an event is only a line in the feed. */
function has(data: unknown, name: string): boolean {
  return typeof data === "object" && data !== null && typeof Reflect.get(data, name) === "string";
}
