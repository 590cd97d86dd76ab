/** As much of a `BroadcastChannel` as is used. */
export interface Channel {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** As much of `navigator.locks` as is used. */
export interface Locks {
  request(
    name: string,
    options: { signal?: AbortSignal; steal?: boolean },
    held: () => Promise<void>,
  ): Promise<unknown>;
}

/** As much of a `SharedWorker` as is used. */
export interface WorkerHandle {
  post(message: unknown): void;
  onerror(run: () => void): void;
  close(): void;
}

/** Everything outside the client: tests hand in their own time, chance and network. */
export interface Environment {
  now(): number;
  random(): number;
  setTimeout(run: () => void, millis: number): unknown;
  clearTimeout(handle: unknown): void;
  fetch(url: string, init: RequestInit): Promise<Response>;
  openEventSource(url: string, withCredentials: boolean): EventSource;
  /** Resolves a relative address against the page's. */
  resolve(url: string): string;
  /** A name for this tab that no other has. */
  newId(): string;
  openChannel: ((name: string) => Channel) | null;
  /** Null where the context is not secure. */
  locks: Locks | null;
  openWorker: ((url: string, name: string) => WorkerHandle) | null;
  /** Listens to the page (document or window) and returns how to stop. */
  listen(event: string, run: () => void): () => void;
  isVisible(): boolean;
  log(level: "error" | "warn" | "info" | "debug", line: string): void;
}

const ON_DOCUMENT = new Set(["visibilitychange", "freeze", "resume"]);

/** Stands for the page's address where there is no page: on a server that renders. Nothing is fetched from it. */
const NOWHERE = "http://localhost/";

/** The real thing, in a page or in a worker. */
export function browserEnvironment(): Environment {
  const scope: typeof globalThis & Partial<Pick<Window, "document" | "location">> = globalThis;
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    setTimeout: (run, millis) => setTimeout(run, millis),
    clearTimeout: (handle) => clearTimeout(handle as number),
    fetch: (url, init) => fetch(url, init),
    openEventSource: (url, withCredentials) => new EventSource(url, { withCredentials }),
    resolve: (url) => new URL(url, scope.document?.baseURI ?? scope.location?.href ?? NOWHERE).href,
    // crypto.randomUUID() needs a secure context, which is what some of our pages do not have.
    newId: () =>
      Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) =>
        byte.toString(16).padStart(2, "0"),
      ).join(""),
    openChannel: "BroadcastChannel" in scope ? (name) => new BroadcastChannel(name) : null,
    locks: scope.navigator?.locks ? (scope.navigator.locks as Locks) : null,
    openWorker: "SharedWorker" in scope ? openSharedWorker : null,
    listen(event, run) {
      const target = ON_DOCUMENT.has(event) ? scope.document : scope;
      target?.addEventListener(event, run);
      return () => target?.removeEventListener(event, run);
    },
    isVisible: () => scope.document?.visibilityState !== "hidden",
    log: (level, line) => console[level](line),
  };
}

function openSharedWorker(url: string, name: string): WorkerHandle {
  const worker = new SharedWorker(url, { name, type: "module" });
  worker.port.start();
  return {
    post: (message) => worker.port.postMessage(message),
    onerror: (run) => worker.addEventListener("error", run),
    close: () => worker.port.close(),
  };
}
