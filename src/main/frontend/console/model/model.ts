import type { SSEEvent } from "../../client/index.js";

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
  /** Increases by one with every change of this vehicle. */
  readonly version: number;
  readonly updatedAt: string;
}

/** One desk has read one flash message. */
export interface Acknowledgement {
  readonly by: string;
  readonly at: string;
}

export interface Flash {
  readonly id: string;
  readonly text: string;
  readonly priority: "normal" | "high";
  readonly createdAt: string;
  /** The oldest first, each desk once. A server that does not keep them leaves this out. */
  readonly acknowledgements?: readonly Acknowledgement[];
}

/** The data of `flash_acknowledged`; `id` is the flash message's. */
export interface FlashAcknowledged extends Acknowledgement {
  readonly id: string;
}

/** The state on the server, and the event ids at which each half of it was read. */
export interface Snapshot {
  readonly vehicles: readonly Vehicle[];
  readonly vehiclesAfter: string;
  readonly flashes: readonly Flash[];
  readonly flashesAfter: string;
}

interface EventOf<T extends string, D> extends SSEEvent {
  readonly type: T;
  readonly data: D;
}

export function isFlash(event: SSEEvent): event is EventOf<"flash_message", Flash> {
  return event.type === "flash_message" && hasTexts(event.data, "id", "text", "createdAt");
}

export function isAcknowledgement(
  event: SSEEvent,
): event is EventOf<"flash_acknowledged", FlashAcknowledged> {
  return event.type === "flash_acknowledged" && hasTexts(event.data, "id", "by", "at");
}

export function isVehicle(event: SSEEvent): event is EventOf<"bilstatus_update", Vehicle> {
  return event.type === "bilstatus_update" && hasTexts(event.data, "id", "status");
}

/** Anybody may publish an event of a known type with other data: such an event is only a line in the list of events. */
function hasTexts(data: unknown, ...names: readonly string[]): boolean {
  if (typeof data !== "object" || data === null) return false;
  return names.every((name) => typeof Reflect.get(data, name) === "string");
}
