import { createStore } from "zustand/vanilla";
import type { SSEClient } from "../../client/index.js";
import {
  type Board,
  EMPTY_BOARD,
  fetching,
  withEvent,
  withHistory,
  withSnapshot,
  withVehicle,
} from "../model/board.js";
import type { Flash, Snapshot, Vehicle } from "../model/model.js";
import { fetchHistory, fetchSnapshot } from "./server.js";
import { serverClock } from "./server-clock.js";

const FIRST_SNAPSHOT_WITHIN_MILLIS = 1_500;
const SNAPSHOT_WITHIN_MILLIS = 5_000;
const ASK_AGAIN_MILLIS = 3_000;
const DRAW_EVERY_MILLIS = 100;

/** Joins the snapshot and the stream, and keeps joining them when the snapshot is void. */
export class Desk {
  /** What the page draws; at most a tenth of a second behind. */
  readonly shown = createStore<Board>(() => EMPTY_BOARD);
  #board = EMPTY_BOARD;
  /** The page was drawn a moment ago: the next change waits for the timer. */
  #resting = false;
  readonly #client: SSEClient;
  readonly #urgent = new Set<(flash: Flash) => void>();
  #asking = false;
  #askAgain = false;
  /** The server failed to give a snapshot, and is asked again later. */
  #waiting = false;
  /** How often what was shown had to be forgotten: answers from before are void. */
  #shift = 0;

  constructor(client: SSEClient) {
    this.#client = client;
  }

  /** Snapshot first, then the stream from the snapshot's id on; without a snapshot, the stream alone. */
  async open(): Promise<void> {
    this.#client.onEvent((event) => this.#change((board) => withEvent(board, event), true));
    this.#client.onReset(({ reason }) => {
      if (reason === "user" || reason === "rights") this.#forget();
      void this.#refetch();
    });
    let after: string | undefined;
    try {
      after = this.#take(await fetchSnapshot(FIRST_SNAPSHOT_WITHIN_MILLIS));
    } catch {
      // The server is not there. The connection's state says so, and brings the snapshot when it is back.
    }
    this.#client.connect(after === undefined ? {} : { after });
    this.#client.store.subscribe((now, before) => {
      const restarted = before.epoch !== null && now.epoch !== before.epoch;
      // Only once the stream has begun: a snapshot from before its beginning would leave a gap.
      const alive = now.lastProofAt !== before.lastProofAt && now.lastProofAt !== null;
      // State that lives in a server's memory may be another one after a restart, and no event tells.
      if (restarted) void this.#refetch();
      else if (alive && !this.#asking && this.#board.outdated) void this.#refetch();
    });
  }

  /** The server's answer to a change of our own; the event may come later. */
  readonly changed = (vehicle: Vehicle): void => {
    this.#change((board) => withVehicle(board, vehicle));
  };

  /** Calls the listener for every urgent message that was not there when the page was opened. */
  onUrgent(listener: (flash: Flash) => void): () => void {
    this.#urgent.add(listener);
    return () => {
      this.#urgent.delete(listener);
    };
  }

  /** Somebody else looks at this page now, or may see something else. */
  #forget(): void {
    this.#shift += 1;
    this.#change(() => EMPTY_BOARD);
  }

  async #refetch(): Promise<void> {
    if (this.#asking) {
      this.#askAgain = true;
      return;
    }
    // Not at every sign of life: those come with each event, from every tab.
    if (this.#waiting) return;
    this.#asking = true;
    this.#change(fetching);
    const shift = this.#shift;
    try {
      const snapshot = await fetchSnapshot(SNAPSHOT_WITHIN_MILLIS);
      if (shift === this.#shift) this.#take(snapshot);
    } catch {
      this.#waiting = true;
      setTimeout(() => {
        this.#waiting = false;
        void this.#refetch();
      }, ASK_AGAIN_MILLIS);
    } finally {
      this.#asking = false;
    }
    if (this.#askAgain) {
      this.#askAgain = false;
      await this.#refetch();
    }
  }

  /** Returns the id after which the stream goes on. */
  #take(snapshot: Snapshot): string {
    const first = !this.#board.loaded;
    // What waits when a page is opened is shown and not announced: it is no news.
    this.#change((board) => withSnapshot(board, snapshot, serverClock.now()), !first);
    const after = olderOf(snapshot);
    if (first) void this.#fetchHistory(after);
    return after;
  }

  async #fetchHistory(upTo: string): Promise<void> {
    const shift = this.#shift;
    try {
      const events = await fetchHistory(upTo);
      if (shift !== this.#shift) return;
      this.#change((board) => withHistory(board, events, serverClock.now()));
    } catch {
      // A list of events that begins later is no loss of state.
    }
  }

  #change(change: (board: Board) => Board, announces = false): void {
    const before = this.#board;
    this.#board = change(before);
    if (announces) this.#announce(before.flashes, this.#board.flashes);
    // Hundreds of events a second are no reason to draw hundreds of times. A timer, not a clock: a clock may be set back.
    if (!this.#resting) this.#draw();
  }

  #announce(before: readonly Flash[], after: readonly Flash[]): void {
    if (before === after) return;
    const known = new Set(before.map(({ id }) => id));
    for (const flash of after) {
      if (flash.priority !== "high" || known.has(flash.id)) continue;
      for (const listener of this.#urgent) listener(flash);
    }
  }

  #draw(): void {
    this.shown.setState(this.#board, true);
    this.#resting = true;
    setTimeout(() => {
      this.#resting = false;
      if (this.shown.getState() !== this.#board) this.#draw();
    }, DRAW_EVERY_MILLIS);
  }
}

/** Both halves are complete from the older id on; what comes twice changes nothing. */
function olderOf({ vehiclesAfter, flashesAfter }: Snapshot): string {
  const offset = (id: string) => Number(id.split("-")[1]);
  return offset(vehiclesAfter) <= offset(flashesAfter) ? vehiclesAfter : flashesAfter;
}
