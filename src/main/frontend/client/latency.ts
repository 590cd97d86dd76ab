import type { Environment } from "./environment.js";
import type { SSEEvent } from "./event.js";
import type { Line } from "./poll.js";
import { Timers } from "./timers.js";

const BACK_WITHIN_MILLIS = 10_000;

interface Measurement {
  readonly startedAt: number;
  nonce: string | null;
  readonly arrivals: Map<string, number>;
  readonly done: (millis: number) => void;
  readonly failed: (error: Error) => void;
}

/** Times a test event on one clock, from asking for it to its arrival: clocks of two machines prove nothing. */
export class Latency {
  readonly #env: Environment;
  readonly #line: Line;
  readonly #timers: Timers;
  #measurement: Measurement | null = null;

  constructor(env: Environment, line: Line) {
    this.#env = env;
    this.#line = line;
    this.#timers = new Timers(env);
  }

  measure(): Promise<number> {
    this.#fail("another measurement was started");
    return new Promise((done, failed) => {
      const measurement: Measurement = {
        startedAt: this.#env.now(),
        nonce: null,
        arrivals: new Map(),
        done,
        failed,
      };
      this.#measurement = measurement;
      this.#timers.set("back", BACK_WITHIN_MILLIS, () =>
        this.#fail("the test event did not arrive"),
      );
      void this.#fire(measurement);
    });
  }

  arrived(event: SSEEvent): void {
    if (event.type !== "test" || !this.#measurement) return;
    const { nonce } = (event.data ?? {}) as { nonce?: string };
    // It may overtake the answer that tells which one is ours.
    if (nonce) this.#measurement.arrivals.set(nonce, this.#env.now());
    this.#conclude();
  }

  stop(): void {
    this.#fail("disconnected");
  }

  async #fire(measurement: Measurement): Promise<void> {
    try {
      const credentials = this.#line.withCredentials ? "include" : "same-origin";
      const response = await this.#env.fetch(`${this.#line.url}/test`, {
        method: "POST",
        credentials,
      });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      measurement.nonce = ((await response.json()) as { nonce: string }).nonce;
      this.#conclude();
    } catch (error) {
      if (this.#measurement === measurement) this.#fail(`the test event failed: ${error}`);
    }
  }

  #conclude(): void {
    const measurement = this.#measurement;
    const arrivedAt = measurement?.arrivals.get(measurement.nonce ?? "");
    if (!measurement || arrivedAt === undefined) return;
    this.#end();
    measurement.done(arrivedAt - measurement.startedAt);
  }

  #fail(message: string): void {
    const measurement = this.#measurement;
    this.#end();
    measurement?.failed(new Error(message));
  }

  #end(): void {
    this.#measurement = null;
    this.#timers.clear();
  }
}
