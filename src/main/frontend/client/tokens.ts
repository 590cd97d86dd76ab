import type { Environment } from "./environment.js";

/** Gives the token for the next requests; an empty one if nobody is signed in. */
export type GetToken = () => Promise<string>;

/** Makes requests as somebody. */
export interface Access {
  fetch(url: string, init: RequestInit): Promise<Response>;
  openEventSource(url: string, withCredentials: boolean): EventSource;
}

/** Whether `getToken()` failed, which says nothing about the server. The error comes from a module that is loaded late. */
export const isTokenError = (error: unknown) => (error as Error)?.name === "TokenError";

/**
 * An environment whose requests and streams carry the token. It is kept in this object only, so in the memory of the
 * tab that holds the connection.
 */
export function withTokens(env: Environment, getToken: GetToken): Environment {
  let access: Access | null = null;
  const load = async () => {
    const open = env.accessByToken ?? (await import("./token-access.js")).accessByToken;
    access ??= open(env, getToken);
    return access;
  };
  return Object.assign(Object.create(env) as Environment, {
    fetch: async (url: string, init: RequestInit) => (await load()).fetch(url, init),
    openEventSource: async (url: string, withCredentials: boolean) =>
      (await load()).openEventSource(url, withCredentials),
  });
}
