import { createStore, type StoreApi } from "zustand/vanilla";
import { type TransitionLog, transitionLog } from "../../client/debug.js";
import type { ConnectionStore, SSEClient } from "../../client/index.js";

/** What a developer's console and the browser tests look at: `window.samband`. */
export interface Debugging {
  readonly client: SSEClient;
  readonly store: ConnectionStore;
  /** The id of every event that was handed to the page, and `reset` where there was one, in their order. */
  readonly received: readonly string[];
  /** Every change of status since the page was opened. */
  readonly transitions: TransitionLog["store"];
  /** The way of the last test event, in milliseconds; null if none was sent. */
  readonly latency: StoreApi<number | null>;
}

declare global {
  interface Window {
    samband: Debugging;
  }
}

const MOST_KEPT = 100_000;

export function exposeForDebugging(client: SSEClient): void {
  const received: string[] = [];
  const note = (what: string) => {
    received.push(what);
    if (received.length > MOST_KEPT) received.splice(0, MOST_KEPT / 2);
  };
  client.onEvent(({ id }) => note(id));
  client.onReset(() => note("reset"));
  window.samband = {
    client,
    store: client.store,
    received,
    transitions: transitionLog(client).store,
    latency: createStore<number | null>(() => null),
  };
}
