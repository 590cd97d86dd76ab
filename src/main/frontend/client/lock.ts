import type { Locks } from "./environment.js";
import type { Elector, Vote } from "./tabs.js";

/**
 * The tab that holds the lock leads. The others queue for it, and the browser hands it on when its holder closes or
 * crashes. From a holder that is frozen or hung it is stolen.
 */
export class LockElector implements Elector {
  readonly sharing = "locks";
  readonly #locks: Locks;
  readonly #name: string;
  readonly #vote: Vote;
  #queue: AbortController | null = null;
  #release: (() => void) | null = null;

  constructor(locks: Locks, name: string, vote: Vote) {
    this.#locks = locks;
    this.#name = name;
    this.#vote = vote;
  }

  stand(): void {
    this.#request(false, "nothing held the lock");
  }

  silent(millis: number): void {
    this.#request(true, `the leader was silent for ${(millis / 1_000).toFixed(1)} s`);
  }

  heard(): void {}

  withdraw(): void {
    // A frozen page in the queue would be given the lock and do nothing with it.
    this.#queue?.abort();
    this.#queue = null;
    this.#release?.();
    this.#release = null;
  }

  #request(steal: boolean, why: string): void {
    this.withdraw();
    const queue = new AbortController();
    this.#queue = queue;
    const held = (): Promise<void> => {
      if (queue.signal.aborted) return Promise.resolve();
      const released = new Promise<void>((release) => {
        this.#release = release;
      });
      this.#vote.lead(why);
      // A store subscriber may have disconnected at this very moment: withdraw() has resolved the promise then.
      return released;
    };
    const options = steal ? { steal } : { signal: queue.signal };
    this.#locks.request(this.#name, options, held).catch((error: unknown) => {
      if (queue.signal.aborted) return;
      this.#queue = null;
      this.#release = null;
      // Stolen from us while this tab was frozen or hung; or forbidden: blocked site data, a sandboxed frame.
      if (error instanceof DOMException && error.name === "AbortError") this.#vote.lost();
      else this.#vote.failed(String(error));
    });
  }
}
