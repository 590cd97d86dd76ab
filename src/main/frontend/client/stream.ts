import type { Environment } from "./environment.js";
import type { Line } from "./poll.js";

/** What `hello` says. */
export interface Hello {
  readonly epoch: string;
  readonly replay: "none" | "complete" | "incomplete";
  readonly keepaliveMillis: number;
  readonly pollMillis: number;
}

/** One method for each kind of frame; `id` is the frame's. */
export interface StreamHandlers {
  hello(id: string, hello: Hello): void;
  event(id: string, json: string): void;
  keepalive(id: string): void;
  reset(id: string, reset: { reason: string; missed: number | null }): void;
  drain(id: string, drain: { reconnectMillis: number }): void;
  /** The response has begun. */
  open(): void;
  /** It broke. `returns`: the browser itself will try again after the server's `retry`. */
  broken(returns: boolean): void;
}

export interface Stream {
  close(): void;
}

/** Opens the unfiltered stream: tabs with different interests share it. */
export function openStream(
  env: Environment,
  { url, withCredentials }: Line,
  lastEventId: string | null,
  handlers: StreamHandlers,
): Stream {
  const query = lastEventId === null ? "" : `?lastEventId=${encodeURIComponent(lastEventId)}`;
  const source = env.openEventSource(`${url}${query}`, withCredentials);
  const onFrame = (name: string, run: (id: string, data: string) => void) =>
    source.addEventListener(name, (frame) => {
      // What was queued before close() is still dispatched by some browsers.
      if (source.readyState !== 2) run(frame.lastEventId, String(frame.data));
    });
  onFrame("message", (id, data) => handlers.event(id, data));
  onFrame("hello", (id, data) => handlers.hello(id, JSON.parse(data)));
  onFrame("reset", (id, data) => handlers.reset(id, JSON.parse(data)));
  onFrame("keepalive", (id) => handlers.keepalive(id));
  onFrame("drain", (id, data) => handlers.drain(id, JSON.parse(data)));
  source.onopen = () => handlers.open();
  source.onerror = () => handlers.broken(source.readyState === 0);
  return {
    close() {
      source.onopen = null;
      source.onerror = null;
      source.close();
    },
  };
}
