import type { SSEEvent } from "../../client/index.js";
import { type Flash, isAcknowledgement, isFlash, isVehicle } from "../model/model.js";
import { typeName } from "./language.js";
import type { Words } from "./words.js";

/** One event in one line. */
export function summary(words: Words, event: SSEEvent, flashes: readonly Flash[]): string {
  if (isFlash(event)) return event.data.text;
  if (isAcknowledgement(event)) {
    const flash = flashes.find(({ id }) => id === event.data.id);
    return words.events.acknowledged(event.data.by, flash?.text ?? null);
  }
  if (isVehicle(event)) {
    return `${event.data.id}: ${words.status[event.data.status] ?? event.data.status}`;
  }
  return event.data === null || event.data === undefined ? "" : JSON.stringify(event.data);
}

/** All that can be searched for in an event. */
export function searchText(words: Words, event: SSEEvent, flashes: readonly Flash[]): string {
  return `${typeName(words, event.type)} ${event.type} ${summary(words, event, flashes)} ${event.id}`;
}
