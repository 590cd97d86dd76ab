import { useEffect, useLayoutEffect, useRef } from "react";
import type { EventHandler, ResetHandler } from "../client/index.js";
import { useSSEClient } from "./SSEProvider.js";

/** Calls the handler for every event of the type (`*`: of all types), for as long as the component is there. */
export function useSSEEvent<T extends string>(type: T, handler: EventHandler<T>): void {
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

/** The newest handler without subscribing anew at every render, which could miss an event. */
function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value);
  useLayoutEffect(() => {
    latest.current = value;
  });
  return latest;
}
