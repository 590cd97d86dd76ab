import { createStore } from "zustand/vanilla";
import type { SSEClient } from "../client/index.js";
import {
  type Board,
  EMPTY_BOARD,
  fetching,
  withEvent,
  withHistory,
  withSnapshot,
  withVehicle,
} from "./board.js";
import type { Snapshot, Vehicle } from "./model.js";
import { fetchHistory, fetchSnapshot } from "./server.js";

const FIRST_SNAPSHOT_WITHIN_MILLIS = 1_500;
const SNAPSHOT_WITHIN_MILLIS = 5_000;
const ASK_AGAIN_MILLIS = 3_000;
const DRAW_EVERY_MILLIS = 100;

/** Joins the snapshot and the stream, and keeps joining them when the snapshot is void. */
export class Desk {
  /** What the page draws; it follows the truth within a tenth of a second. */
  readonly shown = createStore<Board>(() => EMPTY_BOARD);
  #board = EMPTY_BOARD;
  #drawnAt = 0;
  #drawing = false;
  readonly #client: SSEClient;
  #asking = false;
  #askAgain = false;
  /** The server failed to give a snapshot, and is asked again in a while. */
  #resting = false;

  constructor(client: SSEClient) {
    this.#client = client;
  }

  /** Snapshot first, then the stream from the snapshot's id on; without a snapshot, the stream alone. */
  async open(): Promise<void> {
    this.#client.onEvent((event) => this.#change((board) => withEvent(board, event)));
    this.#client.onReset(() => void this.#refetch());
    let after: string | undefined;
    try {
      const snapshot = await fetchSnapshot(FIRST_SNAPSHOT_WITHIN_MILLIS);
      this.#change((board) => withSnapshot(board, snapshot, Date.now()));
      after = olderOf(snapshot);
      void this.#fetchHistory(after);
    } catch {
      // The server is not there. The line tells so, and brings the snapshot when it is back.
    }
    this.#client.connect(after === undefined ? {} : { after });
    this.#client.store.subscribe((now, before) => {
      const restarted = before.epoch !== null && now.epoch !== before.epoch;
      // Only once the line lives: a snapshot from before the stream's beginning would leave a gap.
      const alive = now.lastProofAt !== before.lastProofAt && now.lastProofAt !== null;
      // State that lives in a server's memory may be another one after a restart, and no event tells.
      if (restarted) void this.#refetch();
      else if (alive && !this.#asking) void this.#refetchIfOutdated();
    });
  }

  /** What the server answered to a change of our own; the event may be late. */
  readonly changed = (vehicle: Vehicle): void => {
    this.#change((board) => withVehicle(board, vehicle));
  };

  async #refetch(): Promise<void> {
    if (this.#asking) {
      this.#askAgain = true;
      return;
    }
    // Not at every sign of life: those come with each event, from every tab.
    if (this.#resting) return;
    this.#asking = true;
    this.#change(fetching);
    try {
      const snapshot = await fetchSnapshot(SNAPSHOT_WITHIN_MILLIS);
      const first = this.#board.loadedAt === null;
      this.#change((board) => withSnapshot(board, snapshot, Date.now()));
      if (first) void this.#fetchHistory(olderOf(snapshot));
    } catch {
      this.#resting = true;
      setTimeout(() => {
        this.#resting = false;
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

  async #refetchIfOutdated(): Promise<void> {
    if (this.#board.outdated) await this.#refetch();
  }

  async #fetchHistory(upTo: string): Promise<void> {
    try {
      const events = await fetchHistory(upTo);
      this.#change((board) => withHistory(board, events));
    } catch {
      // A feed that begins later is no loss of state.
    }
  }

  #change(change: (board: Board) => Board): void {
    this.#board = change(this.#board);
    if (this.#drawing) return;
    // Hundreds of events a second are no reason to draw hundreds of times.
    const wait = Math.max(0, this.#drawnAt + DRAW_EVERY_MILLIS - Date.now());
    if (wait === 0) this.#draw();
    else {
      this.#drawing = true;
      setTimeout(() => this.#draw(), wait);
    }
  }

  #draw(): void {
    this.#drawing = false;
    this.#drawnAt = Date.now();
    this.shown.setState(this.#board, true);
  }
}

/** Both halves are complete from the older id on; what comes twice changes nothing. */
function olderOf({ vehiclesAfter, flashesAfter }: Snapshot): string {
  const offset = (id: string) => Number(id.split("-")[1]);
  return offset(vehiclesAfter) <= offset(flashesAfter) ? vehiclesAfter : flashesAfter;
}
