import { createStore } from "zustand/vanilla";
import { has } from "../model/flashes.js";
import type { Flash } from "../model/model.js";
import { onRemembered, remember, remembered, rememberedEverywhere } from "./remembered.js";

const MOST_KEPT = 1_000;
const TRY_AGAIN_MILLIS = 5_000;

/** An acknowledgement that the server has not confirmed. */
interface Unsent {
  readonly id: string;
  readonly by: string;
}

export interface Acknowledged {
  /** Tells two states apart without comparing the sets. */
  readonly key: string;
  /** Messages that were acknowledged in this browser. */
  readonly here: ReadonlySet<string>;
  /** Those of them that the server does not know yet. */
  readonly unsent: ReadonlySet<string>;
}

/** Acknowledges messages at once in this browser, and tells the server until it has been told. */
export class Acknowledging {
  readonly store = createStore<Acknowledged>(() => read());
  readonly #send: (id: string, by: string) => Promise<void>;
  #sending = false;
  #again = false;

  /** @param send resolves once the server knows; is called again later if it rejects */
  constructor(send: (id: string, by: string) => Promise<void>) {
    this.#send = send;
    onRemembered(() => {
      const now = read();
      if (now.key !== this.store.getState().key) this.store.setState(now, true);
    });
  }

  /** @param by the name of this desk */
  acknowledge(ids: readonly string[], by: string): void {
    // Read again before each write: another tab may have acknowledged something else meanwhile.
    const before = rememberedIds();
    remember("acknowledged", [...new Set([...before, ...ids])].slice(-MOST_KEPT).join(" "));
    keepUnsent([...unsent(), ...ids.map((id) => ({ id, by }))]);
    void this.flush();
  }

  /** Sends what is not sent, one after the other; call it when the server may be back. */
  async flush(): Promise<void> {
    if (this.#sending) {
      this.#again = true;
      return;
    }
    this.#sending = true;
    let failed = false;
    for (const { id, by } of unsent()) {
      try {
        await this.#send(id, by);
        keepUnsent(unsent().filter((one) => one.id !== id || one.by !== by));
      } catch {
        failed = true;
      }
    }
    this.#sending = false;
    if (this.#again) {
      this.#again = false;
      await this.flush();
    } else if (failed) setTimeout(() => void this.flush(), TRY_AGAIN_MILLIS);
  }
}

/** Whether this desk still has to acknowledge the message. */
export function isOpen(
  flash: Flash,
  desk: string,
  here: ReadonlySet<string>,
  settled: ReadonlySet<string>,
): boolean {
  return !here.has(flash.id) && !settled.has(flash.id) && !has(flash, desk);
}

function read(): Acknowledged {
  const key = `${rememberedEverywhere("acknowledged")} / ${remembered("unsent")}`;
  return { key, here: new Set(rememberedIds()), unsent: new Set(unsent().map(({ id }) => id)) };
}

function rememberedIds(): readonly string[] {
  const lists = rememberedEverywhere("acknowledged").map((ids) => ids.split(" "));
  return [...new Set(lists.flat())].filter(Boolean);
}

function unsent(): readonly Unsent[] {
  try {
    const list: unknown = JSON.parse(remembered("unsent") ?? "[]");
    return Array.isArray(list) ? (list as Unsent[]) : [];
  } catch {
    return [];
  }
}

function keepUnsent(list: readonly Unsent[]): void {
  remember("unsent", JSON.stringify(list.slice(-MOST_KEPT)));
}
