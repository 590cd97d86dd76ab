import type { Channel } from "./environment.js";
import { Leader } from "./leader.js";
import type { Message } from "./messages.js";
import { channelName, type Request, type Seat, type Share } from "./share.js";

/** A browser opens six connections to one HTTP/1.1 server: the sixth stream leaves none for the page itself. */
const TOO_MANY_TABS = 5;

/** The last resort: a stream of its own for every tab. The tabs count one another and warn. */
export class ShareAlone implements Share {
  readonly sharing = "none";
  readonly #seat: Seat;
  readonly #openChannel: ((name: string) => Channel) | null;
  readonly #others = new Set<string>();
  #channel: Channel | null = null;
  #leader: Leader | null = null;
  #warned = false;

  constructor(seat: Seat, openChannel: ((name: string) => Channel) | null) {
    this.#seat = seat;
    this.#openChannel = openChannel;
  }

  start(): void {
    const { env, line, tab } = this.#seat;
    this.#channel = this.#census();
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#count(data as Message);
    this.#channel?.postMessage({ kind: "alone", tab, answer: true });
    this.#leader = new Leader(env, line, tab, env.now(), (message) => this.#seat.receive(message));
    this.#seat.role("leader", this.sharing, "this tab has a stream of its own");
    this.#leader.start(this.#seat.cursor(), this.#seat.recent());
  }

  stop(): void {
    this.#leader?.stop();
    this.#leader = null;
    this.#channel?.close();
    this.#channel = null;
    this.#others.clear();
  }

  ask(request: Request): void {
    this.#leader?.receive({ tab: this.#seat.tab, ...request });
  }

  wake(): void {
    this.#leader?.wake();
  }

  suspend(): void {}

  resume(): void {
    this.wake();
    this.#leader?.announce();
  }

  #census(): Channel | null {
    try {
      return this.#openChannel?.(`${channelName(this.#seat.line)}#alone`) ?? null;
    } catch (error) {
      this.#seat.warn(`the tabs cannot count one another: ${error}`);
      return null;
    }
  }

  #count(message: Message): void {
    if (message.kind !== "alone" || message.tab === this.#seat.tab) return;
    const { tab } = this.#seat;
    if (message.answer) {
      // Everybody hears the answers, so a newcomer is the moment to forget those that have closed.
      this.#others.clear();
      this.#channel?.postMessage({ kind: "alone", tab, answer: false });
    }
    this.#others.add(message.tab);
    const tabs = this.#others.size + 1;
    if (tabs < TOO_MANY_TABS || this.#warned) return;
    this.#warned = true;
    this.#seat.warn(
      `${tabs} tabs have a stream each, and this browser allows six connections: close some, or use https`,
    );
  }
}
