import type { SSEEvent } from "./event.js";

const MOST_KEPT = 200;

/** The last events, for tabs that join and for pages that show what has been. */
export class Recent {
  readonly #events: SSEEvent[] = [];

  add(events: readonly SSEEvent[]): void {
    this.#events.push(...events.slice(-MOST_KEPT));
    // Not at every event: each removal moves all that is kept.
    if (this.#events.length > 2 * MOST_KEPT)
      this.#events.splice(0, this.#events.length - MOST_KEPT);
  }

  clear(): void {
    this.#events.length = 0;
  }

  all(): readonly SSEEvent[] {
    return this.#events.slice(-MOST_KEPT);
  }

  has(id: string): boolean {
    return this.#events.some((event) => event.id === id);
  }

  /** Those after the id, or all of them if it is not among them. */
  after(id: string | null): readonly SSEEvent[] {
    const kept = this.all();
    return kept.slice(kept.findIndex((event) => event.id === id) + 1);
  }
}
