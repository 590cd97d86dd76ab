import type { ReactNode } from "react";
import type { EventHandler, EventType, SSEClient } from "../client/index.js";
import { SSEProvider, type SSEProviderProps, useSSEClient } from "./SSEProvider.js";
import {
  useConnectionStatus,
  useConnectionStore,
  useIdentity,
  useRefusal,
} from "./use-connection-store.js";
import { useSSEEvent, useSSEReset } from "./use-sse-event.js";

/** The provider and the hooks with the types of an application's events. */
export interface Hooks<Events extends object> {
  readonly SSEProvider: (props: SSEProviderProps<Events>) => ReactNode;
  readonly useSSEClient: () => SSEClient<Events>;
  readonly useSSEEvent: <T extends EventType<Events>>(
    type: T,
    handler: EventHandler<Events, T>,
  ) => void;
  readonly useSSEReset: typeof useSSEReset;
  readonly useConnectionStatus: typeof useConnectionStatus;
  readonly useConnectionStore: typeof useConnectionStore;
  readonly useIdentity: typeof useIdentity;
  readonly useRefusal: typeof useRefusal;
}

const hooks = {
  SSEProvider,
  useSSEClient,
  useSSEEvent,
  useSSEReset,
  useConnectionStatus,
  useConnectionStore,
  useIdentity,
  useRefusal,
};

/**
 * The provider and the hooks of this module, typed; nothing is made at run time.
 *
 * ```ts
 * export const { SSEProvider, useSSEEvent } = hooksFor<{ flash_message: { text: string } }>();
 * ```
 */
export function hooksFor<Events extends object>(): Hooks<Events> {
  return hooks as unknown as Hooks<Events>;
}
