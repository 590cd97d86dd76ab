import type { Access, GetToken } from "./tokens.js";

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

/** Everything of the browser that the client uses. Tests replace it. */
export interface Environment {
  /** Milliseconds since 1970, only for times that people see: the clock may be set back or forward at any time. */
  now(): number;
  /** Milliseconds on a clock that never goes back, for every duration. It may stand still while the computer sleeps. */
  elapsed(): number;
  random(): number;
  setTimeout(run: () => void, millis: number): unknown;
  clearTimeout(handle: unknown): void;
  fetch(url: string, init: RequestInit): Promise<Response>;
  openEventSource(url: string, withCredentials: boolean): EventSource | Promise<EventSource>;
  /** How requests carry tokens. Default: a module that is loaded when it is first needed. */
  readonly accessByToken?: (env: Environment, getToken: GetToken) => Access;
  /** Resolves a relative address against the page's. */
  resolve(url: string): string;
  /** A name for this tab that no other tab has. */
  newId(): string;
  readonly openChannel: ((name: string) => Channel) | null;
  /** Null where the context is not secure. */
  readonly locks: Locks | null;
  readonly openWorker: ((url: string, name: string) => WorkerHandle) | null;
  /** Listens to the page (document or window) and returns how to stop. */
  listen(event: string, run: () => void): () => void;
  isVisible(): boolean;
  log(level: "error" | "warn" | "info" | "debug", line: string): void;
  /** Hands an exception of the application to `window.onerror` and error trackers, with its stack. */
  reportError(error: unknown): void;
}

const ON_DOCUMENT = new Set(["visibilitychange", "freeze", "resume"]);

/** A page's or a worker's browser. Nothing of it is touched before it is used, so this may run on a server. */
export function browserEnvironment(): Environment {
  const scope: typeof globalThis & Partial<Pick<Window, "document">> = globalThis;
  return {
    now: () => Date.now(),
    elapsed: () => performance.now(),
    random: () => Math.random(),
    setTimeout: (run, millis) => setTimeout(run, millis),
    clearTimeout: (handle) => clearTimeout(handle as number),
    fetch: (url, init) => fetch(url, init),
    openEventSource: (url, withCredentials) => new EventSource(url, { withCredentials }),
    resolve: (url) => new URL(url, scope.document?.baseURI ?? scope.location.href).href,
    // crypto.randomUUID() needs a secure context.
    newId: () => Math.random().toString(36).slice(2, 10),
    get openChannel() {
      return "BroadcastChannel" in scope ? (name: string) => new BroadcastChannel(name) : null;
    },
    get locks() {
      return (scope.navigator?.locks as Locks | undefined) ?? null;
    },
    get openWorker() {
      return "SharedWorker" in scope ? openSharedWorker : null;
    },
    listen(event, run) {
      const target = ON_DOCUMENT.has(event) ? scope.document : scope;
      target?.addEventListener(event, run);
      return () => target?.removeEventListener(event, run);
    },
    isVisible: () => scope.document?.visibilityState !== "hidden",
    log: (level, line) => console[level](line),
    reportError: (error) => reportError(error),
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
