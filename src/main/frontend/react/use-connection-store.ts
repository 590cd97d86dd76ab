import { useStore } from "zustand";
import type { ConnectionState, ConnectionStatus } from "../client/index.js";
import { useSSEClient } from "./SSEProvider.js";

/** What the selector picks from the connection's state, kept up to date. */
export function useConnectionStore<T>(selector: (state: ConnectionState) => T): T {
  return useStore(useSSEClient().store, selector);
}

/** Which of the four states the connection is in. */
export function useConnectionStatus(): ConnectionStatus {
  return useConnectionStore((state) => state.status);
}
