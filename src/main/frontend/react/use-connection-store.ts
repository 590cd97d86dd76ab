import { useMemo, useRef, useSyncExternalStore } from "react";
import { shallow } from "zustand/shallow";
import type { ConnectionState, ConnectionStatus, Identity, Refusal } from "../client/index.js";
import { useSSEClient } from "./SSEProvider.js";

/**
 * What the selector picks from the connection's state. The component is rendered again when that changes; objects and
 * arrays are compared by their members, so the selector may make new ones.
 */
export function useConnectionStore<T>(selector: (state: ConnectionState) => T): T {
  const { store } = useSSEClient();
  const previous = useRef<{ readonly picked: T } | null>(null);
  const [ofBrowser, ofServer] = useMemo(() => {
    const pick = (state: ConnectionState): T => {
      const picked = selector(state);
      const before = previous.current;
      if (before && shallow(before.picked, picked)) return before.picked;
      previous.current = { picked };
      return picked;
    };
    return [oncePerState(store.getState, pick), oncePerState(store.getInitialState, pick)];
  }, [store, selector]);
  return useSyncExternalStore(store.subscribe, ofBrowser, ofServer);
}

/** Which of the four states the connection is in. */
export function useConnectionStatus(): ConnectionStatus {
  return useConnectionStore(statusOf);
}

/** Who is signed in, as the server last said; null if that is not known, or nobody. */
export function useIdentity(): Identity | null {
  return useConnectionStore(identityOf);
}

/** Why the server refuses: `sign_in` or `forbidden`; null while it does not. */
export function useRefusal(): Refusal | null {
  return useConnectionStore(refusalOf);
}

const statusOf = (state: ConnectionState): ConnectionStatus => state.status;
const identityOf = (state: ConnectionState): Identity | null => state.identity;
const refusalOf = (state: ConnectionState): Refusal | null => state.refusal;

/** React asks twice for the same state and would render for ever if the answers were different objects. */
function oncePerState<T>(
  read: () => ConnectionState,
  pick: (state: ConnectionState) => T,
): () => T {
  let last: { readonly state: ConnectionState; readonly picked: T } | null = null;
  return () => {
    const state = read();
    if (last?.state !== state) last = { state, picked: pick(state) };
    return last.picked;
  };
}
