import { below, type Endpoint } from "./endpoint.js";
import type { Environment } from "./environment.js";
import type { Range } from "./event.js";
import type { Auth } from "./identity.js";

/** Whether the server makes events durable at the moment, and for how many milliseconds it has not. */
export interface LogStatus {
  readonly log: "ok" | "failing" | "stale";
  readonly sinceMillis: number;
}

/** The data of `hello`. */
export interface Hello {
  readonly epoch: string;
  readonly newest: number;
  readonly replay: "none" | "complete" | "incomplete";
  readonly keepaliveMillis: number;
  readonly pollMillis: number;
  /** Who is signed in; null if the server knows nobody. Servers before identities do not say. */
  readonly auth?: Auth | null;
}

/** One method for each kind of frame; `id` is the frame's. */
export interface StreamHandlers {
  hello(id: string, hello: Hello): void;
  event(id: string, json: string): void;
  keepalive(id: string, keepalive: { newest: number }): void;
  reset(id: string, reset: { reason: string; missed: number | null }): void;
  skip(id: string, range: Range): void;
  status(id: string, status: LogStatus): void;
  drain(id: string, drain: { reason: string; reconnectMillis: number }): void;
  /** The response has begun. */
  open(): void;
  /** It broke. `returns`: the browser itself tries again, after the server's `retry`. */
  broken(returns: boolean): void;
}

/** Opens the unfiltered stream (tabs with different interests share it) and returns how to close it. */
export function openStream(
  env: Environment,
  { url, withCredentials }: Endpoint,
  lastEventId: string | null,
  handlers: StreamHandlers,
): () => void {
  let close: (() => void) | null = null;
  let isClosed = false;
  const use = (source: EventSource) => {
    if (isClosed) source.close();
    else close = listen(source, handlers);
  };
  const opened = env.openEventSource(below(url, "", { lastEventId }), withCredentials);
  if ("then" in opened) {
    opened.then(use, () => {
      if (!isClosed) handlers.broken(false);
    });
  } else use(opened);
  return () => {
    isClosed = true;
    close?.();
  };
}

/** Passes on what arrives; returns how to close the source. */
function listen(source: EventSource, handlers: StreamHandlers): () => void {
  // biome-ignore lint/suspicious/noExplicitAny: the server's JSON, whose shape the handlers state
  const onFrame = (name: string, run: (id: string, data: any) => void, isJson = true) =>
    source.addEventListener(name, (frame) => {
      // Some browsers still dispatch after close() what was queued before.
      if (source.readyState === 2) return;
      run(frame.lastEventId, isJson ? JSON.parse(frame.data) : frame.data);
    });
  onFrame("message", (id, data) => handlers.event(id, data), false);
  onFrame("hello", (id, hello) => handlers.hello(id, hello));
  onFrame("reset", (id, reset) => handlers.reset(id, reset));
  onFrame("keepalive", (id, keepalive) => handlers.keepalive(id, keepalive));
  onFrame("skip", (id, { from, to }) => handlers.skip(id, [from, to]));
  onFrame("status", (id, status) => handlers.status(id, status));
  onFrame("drain", (id, drain) => handlers.drain(id, drain));
  source.onopen = () => handlers.open();
  source.onerror = () => handlers.broken(source.readyState === 0);
  return () => {
    source.onopen = null;
    source.onerror = null;
    source.close();
  };
}
