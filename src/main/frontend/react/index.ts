"use client";

export { type Hooks, hooksFor } from "./hooks.js";
export { SSEProvider, type SSEProviderProps, useSSEClient } from "./SSEProvider.js";
export {
  useConnectionStatus,
  useConnectionStore,
  useIdentity,
  useRefusal,
} from "./use-connection-store.js";
export { useSSEEvent, useSSEReset } from "./use-sse-event.js";
