import { useEffect } from "react";
import type { AnyEvents, EventHandler, EventType, ResetHandler } from "../client/index.js";
import { useSSEClient } from "./SSEProvider.js";
import { useLatest } from "./use-latest.js";

/**
 * Calls the handler for every event of the type (`*`: of all types) while the component is mounted and visible.
 *
 * The handler of the last render is called; a new one at each render costs nothing.
 */
export function useSSEEvent<T extends EventType<AnyEvents>>(
  type: T,
  handler: EventHandler<AnyEvents, T>,
): void {
  const client = useSSEClient();
  const latest = useLatest(handler);
  useEffect(() => client.on(type, (event) => latest.current(event)), [client, type, latest]);
}

/** Calls the handler when events were lost for good: what is on the screen must be fetched again. */
export function useSSEReset(handler: ResetHandler): void {
  const client = useSSEClient();
  const latest = useLatest(handler);
  useEffect(() => client.onReset((reset) => latest.current(reset)), [client, latest]);
}
