import type { Channel, Locks } from "./environment.js";
import { Leader } from "./leader.js";
import { type FromLeader, isFromLeader, type Message } from "./messages.js";
import { channelName, type Request, type Seat, type Share } from "./share.js";
import { Watch } from "./watch.js";

/**
 * The tab that holds the lock holds the connection; the others queue for the lock, which the browser hands on
 * when its holder closes or crashes. From a holder that is frozen or hung it is stolen. Where the page may not
 * use locks, `failed` is called.
 */
export class ShareByLock implements Share {
  readonly sharing = "locks";
  readonly #seat: Seat;
  readonly #name: string;
  readonly #locks: Locks;
  readonly #openChannel: (name: string) => Channel;
  readonly #failed: (reason: string) => void;
  readonly #watch: Watch;
  #channel: Channel | null = null;
  #leader: Leader | null = null;
  #release: (() => void) | null = null;
  #queue: AbortController | null = null;
  #term = 0;

  constructor(
    seat: Seat,
    locks: Locks,
    openChannel: (name: string) => Channel,
    failed: (reason: string) => void,
  ) {
    this.#seat = seat;
    this.#locks = locks;
    this.#openChannel = openChannel;
    this.#failed = failed;
    this.#name = channelName(seat.line);
    this.#watch = new Watch(
      seat.env,
      () => this.#post({ kind: "ping" }),
      (millis) => this.#steal(`the leader was silent for ${(millis / 1_000).toFixed(1)} s`),
    );
  }

  start(): void {
    this.#channel = this.#openChannel(this.#name);
    this.#channel.onmessage = ({ data }) => this.#receive(data as Message);
    this.#join();
  }

  stop(): void {
    this.#leave();
    this.#channel?.close();
    this.#channel = null;
  }

  ask(request: Request): void {
    if (this.#leader) this.#leader.receive({ tab: this.#seat.tab, ...request });
    else this.#post(request);
  }

  wake(): void {
    if (!this.#channel) return;
    if (this.#leader) {
      this.#leader.wake();
      return;
    }
    this.#post({ kind: "wake" });
    this.#post({ kind: "join", after: this.#seat.cursor() });
    this.#watch.wake();
  }

  suspend(): void {
    this.#leave();
  }

  resume(): void {
    if (this.#channel && !this.#queue) this.#join();
  }

  #join(): void {
    this.#seat.role("joining", this.sharing, "looking for the tab that leads");
    this.#post({ kind: "join", after: this.#seat.cursor() });
    this.#watch.start();
    this.#queueForLock();
  }

  #leave(): void {
    this.#stepDown();
    this.#watch.stop();
    // A frozen page in the queue would be given the lock and do nothing with it.
    this.#queue?.abort();
    this.#queue = null;
  }

  #queueForLock(): void {
    const queue = new AbortController();
    this.#queue = queue;
    this.#request(queue, { signal: queue.signal }, "nobody held the lock");
  }

  #steal(reason: string): void {
    this.#queue?.abort();
    const queue = new AbortController();
    this.#queue = queue;
    this.#request(queue, { steal: true }, reason);
  }

  #request(
    queue: AbortController,
    options: { signal?: AbortSignal; steal?: boolean },
    why: string,
  ) {
    const held = () => (queue.signal.aborted ? Promise.resolve() : this.#lead(why));
    this.#locks.request(this.#name, options, held).catch((error: unknown) => {
      // Aborted by us.
      if (this.#queue !== queue || queue.signal.aborted) return;
      this.#stepDown();
      // Stolen from us while we were not looking, or forbidden (blocked site data, a sandboxed frame).
      if (error instanceof DOMException && error.name === "AbortError") this.#join();
      else this.#failed(String(error));
    });
  }

  #lead(reason: string): Promise<void> {
    const seat = this.#seat;
    const before = this.#term;
    this.#watch.stop();
    this.#term = Math.max(this.#term + 1, seat.env.now());
    const leader = new Leader(seat.env, seat.line, seat.tab, this.#term, (message) => {
      // A channel does not speak to its own end.
      this.#channel?.postMessage(message);
      seat.receive(message);
    });
    this.#leader = leader;
    seat.role("leader", this.sharing, before > 0 ? `took over, ${reason}` : reason);
    return new Promise((release) => {
      this.#release = release;
      leader.start(seat.cursor(), seat.recent(), seat.before());
    });
  }

  #stepDown(): void {
    this.#leader?.stop();
    this.#leader = null;
    this.#release?.();
    this.#release = null;
  }

  #receive(message: Message): void {
    if (isFromLeader(message)) this.#hear(message);
    else if (message.kind !== "alone") this.#leader?.receive(message);
  }

  #hear(message: FromLeader): void {
    if (message.term < this.#term) {
      this.#leader?.announce();
      return;
    }
    if (this.#leader) {
      // We were frozen, and another leads by now.
      this.#leave();
      this.#term = message.term;
      this.#join();
    }
    if (message.term > this.#term || message.kind === "welcome") {
      this.#term = message.term;
      this.#seat.role("follower", this.sharing, `tab ${message.leader} leads`);
    }
    this.#watch.heard();
    this.#seat.receive(message);
  }

  #post(request: Request): void {
    this.#channel?.postMessage({ tab: this.#seat.tab, ...request });
  }
}
