import type { Environment } from "./environment.js";

interface Timer {
  readonly at: number;
  readonly run: () => void;
  readonly handle: unknown;
}

/** A browser fires at once what would wait for longer. */
const LONGEST_TIMEOUT_MILLIS = 2 ** 31 - 1;

/** Timers by name: setting one replaces it, and none is left behind. */
export class Timers {
  readonly #env: Environment;
  readonly #timers = new Map<string, Timer>();

  constructor(env: Environment) {
    this.#env = env;
  }

  set(name: string, millis: number, run: () => void): void {
    this.cancel(name);
    const wait = Math.min(millis, LONGEST_TIMEOUT_MILLIS);
    const handle = this.#env.setTimeout(() => this.#fire(name), wait);
    this.#timers.set(name, { at: this.#env.now() + wait, run, handle });
  }

  /** When it is due, or null if it is not set. */
  due(name: string): number | null {
    return this.#timers.get(name)?.at ?? null;
  }

  cancel(...names: string[]): void {
    for (const name of names) {
      const timer = this.#timers.get(name);
      if (timer) this.#env.clearTimeout(timer.handle);
      this.#timers.delete(name);
    }
  }

  clear(): void {
    this.cancel(...this.#timers.keys());
  }

  /** A browser slows the timers of hidden tabs down to one a minute: whoever wakes us runs what is due. */
  runDue(): void {
    const now = this.#env.now();
    for (const [name, timer] of [...this.#timers]) if (timer.at <= now) this.#fire(name);
  }

  #fire(name: string): void {
    const timer = this.#timers.get(name);
    this.cancel(name);
    timer?.run();
  }
}
