import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { SSEClient, type SSEClientOptions } from "../client/index.js";

const ClientContext = createContext<SSEClient | null>(null);

export interface SSEProviderProps {
  /** A client of your own, which you connect and disconnect yourself. */
  readonly client?: SSEClient;
  /** How to make one that lives as long as the provider. Read once. */
  readonly options?: SSEClientOptions;
  /** The `lastEventId` of the snapshot that the page began with. */
  readonly after?: string;
  readonly children: ReactNode;
}

/** Gives the hooks below it their client. */
export function SSEProvider({ client, options, after, children }: SSEProviderProps) {
  const [own] = useState(() => (client ? null : new SSEClient(options)));
  useEffect(() => {
    // Effects of children run first, so every handler is there before the first event can be.
    own?.connect(after === undefined ? {} : { after });
    return () => own?.disconnect();
  }, [own, after]);
  return <ClientContext.Provider value={client ?? own}>{children}</ClientContext.Provider>;
}

/** The client of the nearest `SSEProvider`. */
export function useSSEClient(): SSEClient {
  const client = useContext(ClientContext);
  if (!client) throw new Error("there is no <SSEProvider> above this component");
  return client;
}
