import type { Endpoint } from "./endpoint.js";
import type { Environment, WorkerHandle } from "./environment.js";
import type { ToLeader } from "./messages.js";
import type { Elector, Vote } from "./tabs.js";
import { Timers } from "./timers.js";
import type { Introduction } from "./worker-leader.js";

const WELCOME_WITHIN_MILLIS = 4_000;

/** A worker that was silent so often is given up. */
const MOST_SILENCES = 3;

/** The worker forgets a tab that it does not hear for long. */
const ASK_EVERY_MILLIS = 30_000;

/** Where there are no locks (no secure context), a SharedWorker leads, which talks as a leading tab does. */
export class WorkerElector implements Elector {
  readonly sharing = "worker";
  readonly #env: Environment;
  readonly #open: () => WorkerHandle;
  readonly #endpoint: Endpoint;
  readonly #vote: Vote;
  readonly #timers: Timers;
  #worker: WorkerHandle | null = null;
  #startedAt = 0;
  #welcomed = false;
  #silences = 0;

  constructor(env: Environment, endpoint: Endpoint, open: () => WorkerHandle, vote: Vote) {
    this.#env = env;
    this.#endpoint = endpoint;
    this.#open = open;
    this.#vote = vote;
    this.#timers = new Timers(env);
  }

  stand(join: ToLeader): void {
    this.#startedAt = this.#env.elapsed();
    this.#welcomed = false;
    this.#silences = 0;
    this.#tick();
    this.#connect(join);
  }

  silent(_millis: number, join: ToLeader): void {
    const sinceStart = this.#env.elapsed() - this.#startedAt;
    if (this.#welcomed) this.#silences += 1;
    if (
      this.#silences >= MOST_SILENCES ||
      (!this.#welcomed && sinceStart >= WELCOME_WITHIN_MILLIS)
    ) {
      this.#vote.failed("the worker does not answer");
      return;
    }
    // It crashed, most likely: a new one with the same name takes its place. One that hangs stays the same.
    if (this.#welcomed) this.#connect(join);
  }

  heard(): void {
    this.#welcomed = true;
    this.#silences = 0;
  }

  withdraw(): void {
    this.#timers.clear();
    this.#close();
  }

  #tick(): void {
    this.#timers.set("ask", ASK_EVERY_MILLIS, () => {
      this.#vote.ask();
      this.#tick();
    });
  }

  #close(): void {
    this.#worker?.close();
    this.#worker = null;
  }

  #connect(join: ToLeader): void {
    this.#close();
    try {
      const worker = this.#open();
      this.#worker = worker;
      worker.onerror(() => {
        if (this.#worker === worker) this.#vote.failed("the worker could not be loaded");
      });
      // The worker may be starting: what is sent to its port waits, what is said on the channel would be lost.
      const introduction: Introduction = { endpoint: this.#endpoint, join };
      worker.post(introduction);
    } catch (error) {
      this.#vote.failed(String(error));
    }
  }
}
