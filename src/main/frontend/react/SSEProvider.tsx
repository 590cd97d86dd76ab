import { createContext, type ReactNode, useContext, useEffect, useRef } from "react";
import { type AnyEvents, SSEClient, type SSEClientOptions } from "../client/index.js";
import { useLatest } from "./use-latest.js";

const ClientContext = createContext<SSEClient | null>(null);

/** Give a provider either a `client` that you connect yourself, or `options` for one of its own. */
export type SSEProviderProps<Events extends object = AnyEvents> = {
  readonly children?: ReactNode;
} & (
  | {
      /** A client that the application connects and disconnects. */
      readonly client: SSEClient<Events>;
      readonly options?: undefined;
      readonly after?: undefined;
    }
  | {
      readonly client?: undefined;
      /** For the client that the provider makes, connects and disconnects. Read once. */
      readonly options?: SSEClientOptions | undefined;
      /**
       * The `lastEventId` of the snapshot that the page began with. Read once, when the provider first connects:
       * a later value changes nothing, because the stream has long delivered what came after the first one.
       */
      readonly after?: string | undefined;
    }
);

/**
 * Gives the hooks below it their client.
 *
 * A client of the provider's own is connected while the provider is mounted and visible. When an `<Activity>` hides
 * the provider, the hooks below it hear nothing either, so the client disconnects; shown again, it goes on with the
 * event after the last one that it delivered.
 */
export function SSEProvider<Events extends object = AnyEvents>({
  client,
  options,
  after,
  children,
}: SSEProviderProps<Events>) {
  const own = useRef<OwnClient | null>(null);
  if (!client) own.current ??= new OwnClient(options);
  const used = client ? null : own.current;
  const latestAfter = useLatest(after);
  useEffect(() => {
    // Effects of children run first, so every handler is registered before the first event can arrive.
    used?.connect(latestAfter.current);
    return () => used?.disconnect();
  }, [used, latestAfter]);
  return (
    <ClientContext.Provider value={(client as SSEClient | undefined) ?? used?.client ?? null}>
      {children}
    </ClientContext.Provider>
  );
}

/** The client of the nearest `SSEProvider`. */
export function useSSEClient(): SSEClient {
  const client = useContext(ClientContext);
  if (!client) throw new Error("there is no <SSEProvider> above this component");
  return client;
}

/** The client that a provider makes. Effects that are undone and done again at once leave its connection alone. */
class OwnClient {
  readonly client: SSEClient;
  #wanted = false;
  #begun = false;

  constructor(options: SSEClientOptions | undefined) {
    this.client = new SSEClient(options);
  }

  connect(after: string | undefined): void {
    this.#wanted = true;
    this.client.connect(this.#begun || after === undefined ? {} : { after });
    this.#begun = true;
  }

  disconnect(): void {
    this.#wanted = false;
    // StrictMode and Fast Refresh connect again before the microtask runs. No event is delivered in between.
    queueMicrotask(() => {
      if (!this.#wanted) this.client.disconnect();
    });
  }
}
