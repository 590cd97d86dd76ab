import type { Environment } from "./environment.js";
import { Timers } from "./timers.js";

const LOOK_EVERY_MILLIS = 1_000;
const QUIET_MILLIS = 2_000;
const PATIENCE_MILLIS = 2_500;
const PATIENCE_ON_WAKING_MILLIS = 700;

/**
 * Finds out whether the leader still lives. A frozen or hung leader keeps its lock and its stream, so it is
 * found by what it fails to pass on: whoever has heard nothing for a while asks, and is not answered.
 */
export class Watch {
  readonly #timers: Timers;
  readonly #env: Environment;
  readonly #ask: () => void;
  readonly #silent: (millis: number) => void;
  #heardAt = 0;
  #asked = false;

  constructor(env: Environment, ask: () => void, silent: (millis: number) => void) {
    this.#env = env;
    this.#timers = new Timers(env);
    this.#ask = ask;
    this.#silent = silent;
  }

  start(): void {
    this.#heardAt = this.#env.now();
    this.#asked = false;
    this.#look();
  }

  stop(): void {
    this.#timers.clear();
  }

  heard(): void {
    this.#heardAt = this.#env.now();
    this.#asked = false;
    this.#timers.cancel("patience");
  }

  /** Somebody looks at the page: be quick about it. */
  wake(): void {
    this.#question(PATIENCE_ON_WAKING_MILLIS);
  }

  #look(): void {
    this.#timers.set("look", LOOK_EVERY_MILLIS, () => this.#look());
    if (!this.#asked && this.#env.now() - this.#heardAt >= QUIET_MILLIS) {
      this.#question(PATIENCE_MILLIS);
    }
  }

  #question(patience: number): void {
    this.#asked = true;
    this.#ask();
    // Not all tabs at once: the first to replace the leader spares the others doing it.
    this.#timers.set("patience", patience + this.#env.random() * 300, () => {
      this.#asked = false;
      this.#silent(this.#env.now() - this.#heardAt);
    });
  }
}
