import type { Channel, WorkerHandle } from "./environment.js";
import { isFromLeader, type Message } from "./messages.js";
import { channelName, type Request, type Seat, type Share } from "./share.js";
import { Watch } from "./watch.js";

const WELCOME_WITHIN_MILLIS = 4_000;

/**
 * Where there are no locks (no secure context), a SharedWorker leads. It speaks over the same channel as a
 * leading tab does; if it cannot be started or falls silent for good, `failed` is called.
 */
export class ShareByWorker implements Share {
  readonly sharing = "worker";
  readonly #seat: Seat;
  readonly #openChannel: (name: string) => Channel;
  readonly #openWorker: () => WorkerHandle;
  readonly #failed: (reason: string) => void;
  readonly #watch: Watch;
  #channel: Channel | null = null;
  #worker: WorkerHandle | null = null;
  #startedAt = 0;
  #welcomed = false;
  #term = 0;

  constructor(
    seat: Seat,
    openChannel: (name: string) => Channel,
    openWorker: () => WorkerHandle,
    failed: (reason: string) => void,
  ) {
    this.#seat = seat;
    this.#openChannel = openChannel;
    this.#openWorker = openWorker;
    this.#failed = failed;
    this.#watch = new Watch(
      seat.env,
      () => this.#rouse(),
      () => this.#unanswered(),
    );
  }

  start(): void {
    this.#channel = this.#openChannel(channelName(this.#seat.line));
    this.#channel.onmessage = ({ data }) => this.#receive(data as Message);
    this.#startedAt = this.#seat.env.now();
    this.#seat.role("joining", this.sharing, "looking for the worker that leads");
    // The watch first: where there is no worker, we are stopped from within the next line.
    this.#watch.start();
    this.#connectWorker();
  }

  stop(): void {
    this.ask({ kind: "leave" });
    this.#watch.stop();
    this.#worker?.close();
    this.#worker = null;
    this.#channel?.close();
    this.#channel = null;
  }

  ask(request: Request): void {
    this.#channel?.postMessage({ tab: this.#seat.tab, ...request });
  }

  wake(): void {
    if (!this.#channel) return;
    this.ask({ kind: "wake" });
    this.ask({ kind: "join", after: this.#seat.cursor() });
    this.#watch.wake();
  }

  suspend(): void {
    this.#watch.stop();
  }

  resume(): void {
    if (!this.#channel) return;
    this.#watch.start();
    this.wake();
  }

  #connectWorker(): void {
    try {
      this.#worker = this.#openWorker();
      this.#worker.onerror(() => this.#failed("the worker could not be loaded"));
      // The worker may be starting: what is sent to its port waits, what is said on the channel would be lost.
      const { tab } = this.#seat;
      const after = this.#seat.cursor();
      this.#worker.post({ line: this.#seat.line, join: { kind: "join", tab, after } });
    } catch (error) {
      this.#failed(String(error));
    }
  }

  #rouse(): void {
    this.ask(this.#welcomed ? { kind: "ping" } : { kind: "join", after: this.#seat.cursor() });
  }

  #unanswered(): void {
    if (!this.#welcomed && this.#seat.env.now() - this.#startedAt >= WELCOME_WITHIN_MILLIS) {
      this.#failed("the worker does not answer");
      return;
    }
    if (!this.#welcomed) return;
    // It crashed: a new one with the same name takes its place.
    this.#worker?.close();
    this.#connectWorker();
  }

  #receive(message: Message): void {
    if (!isFromLeader(message) || message.term < this.#term) return;
    if (message.term > this.#term || message.kind === "welcome") {
      this.#term = message.term;
      this.#seat.role("follower", this.sharing, `worker ${message.leader} leads`);
    }
    this.#watch.heard();
    this.#welcomed = true;
    this.#seat.receive(message);
  }
}
