/** Where the server is, and with which identity it is asked. */
export interface Endpoint {
  /** The stream's absolute address. It may have a query; it has no hash and no slash at its end. */
  readonly url: string;
  readonly withCredentials: boolean;
  /** Who is signed in: tabs of different subjects do not share. */
  readonly subject: string;
  /** Whether requests carry a token instead of cookies. */
  readonly byToken: boolean;
}

/** Tabs of different versions of the messages do not talk to each other. */
const PROTOCOL = 3;

/** The stream's address in its canonical form. Throws a `TypeError` if it is no address. */
export function streamUrl(absolute: string): string {
  const url = new URL(absolute);
  url.hash = "";
  url.pathname = url.pathname.replace(/\/+$/, "");
  return url.href;
}

/** The address of a resource below the stream, with the query of the stream and the parameters that are not null. */
export function below(
  stream: string,
  path: string,
  parameters: Record<string, string | null> = {},
): string {
  const url = new URL(stream);
  url.pathname += path;
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null) url.searchParams.set(name, value);
  }
  return url.href;
}

/** The name of the lock, the channel and the worker that the tabs of one endpoint share. */
export function sharedName({ url, withCredentials, byToken, subject }: Endpoint): string {
  const by = `${withCredentials ? "credentials" : ""}${byToken ? " token" : ""}`;
  return `samband ${PROTOCOL} ${url} ${by} ${subject}`;
}

/** Which cookies go with a request. */
export function credentialsOf({ withCredentials }: Endpoint): RequestCredentials {
  return withCredentials ? "include" : "same-origin";
}
