import { createStore } from "zustand/vanilla";
import { below, credentialsOf } from "./endpoint.js";
import type { SSEEvent } from "./event.js";
import type { ConnectionStatus } from "./policy.js";
import type { SSEClient } from "./sse-client.js";
import type { Role } from "./tabs.js";

/** A change of status, as it was shown. */
export interface Transition {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly from: ConnectionStatus;
  readonly to: ConnectionStatus;
  readonly reason: string;
  readonly attempts: number;
  readonly role: Role;
  /** How old the last proof of life was at that moment; null if there never was one. */
  readonly proofAgeMillis: number | null;
}

/** The changes of status since the log was begun, at most 500, the newest last. */
export interface TransitionLog {
  /** A zustand store. */
  readonly store: {
    getState(): readonly Transition[];
    getInitialState(): readonly Transition[];
    subscribe(
      listener: (now: readonly Transition[], before: readonly Transition[]) => void,
    ): () => void;
  };
  stop(): void;
}

const MOST_TRANSITIONS = 500;
const BACK_WITHIN_MILLIS = 10_000;

/** Polls only, for all tabs of this browser, until it is called with false. */
export function forcePolling<Events extends object>(client: SSEClient<Events>, on: boolean): void {
  client.ask({ kind: "forcePolling", on });
}

/** Begins to write down the changes of status. */
export function transitionLog<Events extends object>(client: SSEClient<Events>): TransitionLog {
  const store = createStore<readonly Transition[]>(() => []);
  const stop = client.store.subscribe((after, before) => {
    if (after.status === before.status) return;
    const transition = {
      at: client.environment.now(),
      from: before.status,
      to: after.status,
      reason: after.reason,
      attempts: after.attempts,
      role: after.role,
      proofAgeMillis: client.heardMillis,
    };
    store.setState([...store.getState(), transition].slice(-MOST_TRANSITIONS), true);
  });
  return { store, stop };
}

/**
 * Has the server fire a test event and times its way back to this tab, in milliseconds.
 *
 * Both ends are on this tab's clock: clocks of two machines prove nothing. Rejects after 10 s.
 */
export async function measureLatency<Events extends object>(
  client: SSEClient<Events>,
): Promise<number> {
  const env = client.environment;
  const startedAt = env.elapsed();
  const arrivals = new Map<string, number>();
  let check = () => {};
  const done = new AbortController();
  client.onEvent(
    (event) => {
      const { type, data } = event as SSEEvent;
      const { nonce } = (type === "test" && data ? data : {}) as { nonce?: string };
      // It may overtake the answer that tells which one is ours.
      if (nonce) arrivals.set(nonce, env.elapsed());
      check();
    },
    { signal: done.signal },
  );
  try {
    const response = await env.fetch(below(client.endpoint.url, "/test"), {
      method: "POST",
      credentials: credentialsOf(client.endpoint),
    });
    if (!response.ok) throw new Error(`the test event failed: HTTP ${response.status}`);
    const { nonce } = (await response.json()) as { nonce: string };
    return await new Promise<number>((resolve, reject) => {
      check = () => {
        const arrivedAt = arrivals.get(nonce);
        if (arrivedAt !== undefined) resolve(arrivedAt - startedAt);
      };
      const timeout = env.setTimeout(
        () => reject(new Error("the test event did not arrive")),
        BACK_WITHIN_MILLIS,
      );
      done.signal.addEventListener("abort", () => env.clearTimeout(timeout));
      check();
    });
  } finally {
    done.abort();
  }
}
