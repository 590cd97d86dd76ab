import type { SSEEvent } from "./event.js";

const MOST_KEPT = 200;

/** The last events, for tabs that join and for pages that show what has been. */
export class Recent {
  #events: SSEEvent[] = [];

  add(events: readonly SSEEvent[]): void {
    if (events.length === 0) return;
    this.#events = [...this.#events, ...events].slice(-MOST_KEPT);
  }

  clear(): void {
    this.#events = [];
  }

  all(): readonly SSEEvent[] {
    return this.#events;
  }

  /** Those after the id, or all of them if it is not among them. */
  after(id: string | null): readonly SSEEvent[] {
    const index = this.#events.findIndex((event) => event.id === id);
    return this.#events.slice(index + 1);
  }
}
