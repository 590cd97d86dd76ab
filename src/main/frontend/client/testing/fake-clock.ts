interface Alarm {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that passes only when a test says so. */
export class FakeClock {
  #elapsed = 0;
  #wall = Date.UTC(2026, 10, 23, 14);
  #order = 0;
  readonly #alarms = new Map<number, Alarm>();

  /** The wall clock, in milliseconds since 1970. */
  now(): number {
    return this.#wall + this.#elapsed;
  }

  /** The clock that never goes back, in milliseconds. */
  elapsed(): number {
    return this.#elapsed;
  }

  /** Sets the wall clock forward, or back, by so much. */
  steps(millis: number): void {
    this.#wall += millis;
  }

  setTimeout(run: () => void, millis: number): number {
    this.#order += 1;
    this.#alarms.set(this.#order, {
      at: this.#elapsed + Math.max(0, millis),
      order: this.#order,
      run,
    });
    return this.#order;
  }

  clearTimeout(handle: unknown): void {
    this.#alarms.delete(handle as number);
  }

  /** How many alarms are set: a client that has disconnected leaves none. */
  get pending(): number {
    return this.#alarms.size;
  }

  /** Lets time pass, and what is due happen in its order. */
  async passes(millis: number): Promise<void> {
    const end = this.#elapsed + millis;
    await settled();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#alarms.delete(next.order);
      this.#elapsed = Math.max(this.#elapsed, next.at);
      next.run();
      await settled();
    }
    this.#elapsed = end;
  }

  /** Lets time pass without anything happening, as while a computer sleeps whose clocks all go on. */
  sleeps(millis: number): void {
    this.#elapsed += millis;
  }

  #next(end: number): Alarm | undefined {
    return [...this.#alarms.values()]
      .filter(({ at }) => at <= end)
      .sort((a, b) => a.at - b.at || a.order - b.order)[0];
  }
}

/** Node's `setImmediate` where there is one: a browser's `setTimeout` is slower. */
const soon =
  (globalThis as unknown as { setImmediate?: (run: () => void) => unknown }).setImmediate ??
  setTimeout;

/** All promises that can go on have gone on. */
function settled(): Promise<void> {
  return new Promise((done) => soon(done));
}
