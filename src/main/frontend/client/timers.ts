import type { Environment } from "./environment.js";

interface Timer {
  /** On the clock of `elapsed()`. */
  readonly at: number;
  readonly run: () => void;
  readonly handle: unknown;
}

/** Timers by name: setting one replaces it, and none is left behind. */
export class Timers {
  readonly #env: Environment;
  readonly #timers = new Map<string, Timer>();

  constructor(env: Environment) {
    this.#env = env;
  }

  set(name: string, millis: number, run: () => void): void {
    this.cancel(name);
    const handle = this.#env.setTimeout(() => this.#fire(name), millis);
    this.#timers.set(name, { at: this.#env.elapsed() + millis, run, handle });
  }

  /** In how many milliseconds it is due; null if it is not set. */
  left(name: string): number | null {
    const timer = this.#timers.get(name);
    return timer ? Math.max(0, timer.at - this.#env.elapsed()) : null;
  }

  cancel(name: string): void {
    const timer = this.#timers.get(name);
    if (timer) this.#env.clearTimeout(timer.handle);
    this.#timers.delete(name);
  }

  clear(): void {
    for (const name of [...this.#timers.keys()]) this.cancel(name);
  }

  /** Browsers slow the timers of hidden tabs down to one a minute: this runs what is due. */
  runDue(): void {
    for (const name of [...this.#timers.keys()]) if (this.left(name) === 0) this.#fire(name);
  }

  #fire(name: string): void {
    const timer = this.#timers.get(name);
    this.cancel(name);
    timer?.run();
  }
}
