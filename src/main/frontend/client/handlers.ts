/** How long a handler stays registered. */
export interface HandlerOptions {
  /** Only for the next event. */
  readonly once?: boolean | undefined;
  /** Until it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

interface Registration<V> {
  readonly type: string;
  readonly handler: (value: V) => void;
  readonly once: boolean;
}

/** Handlers by type; `*` stands for every type. Each registration is independent, also of one function. */
export class Handlers<V> {
  readonly #registrations = new Set<Registration<V>>();
  readonly #failed: (error: unknown) => void;

  /** @param failed is told what a handler throws: one handler's mistake is not another's */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  add(type: string, handler: (value: V) => void, options: HandlerOptions = {}): () => void {
    const { once = false, signal } = options;
    if (signal?.aborted) return () => {};
    const registration = { type, handler, once };
    this.#registrations.add(registration);
    const stop = () => {
      this.#registrations.delete(registration);
      signal?.removeEventListener("abort", stop);
    };
    signal?.addEventListener("abort", stop);
    return stop;
  }

  call(type: string, value: V): void {
    for (const registration of [...this.#registrations]) {
      if (registration.type !== type && registration.type !== "*") continue;
      // A handler before this one may have stopped it.
      if (!this.#registrations.has(registration)) continue;
      if (registration.once) this.#registrations.delete(registration);
      try {
        registration.handler(value);
      } catch (error) {
        this.#failed(error);
      }
    }
  }
}
