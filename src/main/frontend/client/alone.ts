import { sharedName } from "./endpoint.js";
import type { Channel } from "./environment.js";
import { type Census, isFromLeader, type Message } from "./messages.js";
import type { Elector, TabSide, Vote } from "./tabs.js";
import { Timers } from "./timers.js";

/** A browser opens six connections to one HTTP/1.1 server: the sixth stream leaves none for the page itself. */
const TOO_MANY_TABS = 5;

const ASK_EVERY_MILLIS = 60_000;

/** What a tab with a connection of its own tells the client. */
export interface AloneListener {
  warn(warning: string): void;
  /** A leader is there after all. */
  found(): void;
  /** The user signs out of this browser. */
  signedOut(): void;
}

/** The name of the channel on which tabs with streams of their own talk. */
export const censusName = (name: string) => `${name} alone`;

/** The last resort: every tab leads itself. The tabs count each other and warn. */
export class AloneElector implements Elector {
  readonly sharing = "none";
  readonly #side: TabSide;
  readonly #openChannel: ((name: string) => Channel) | null;
  readonly #vote: Vote;
  readonly #listener: AloneListener;
  readonly #seeks: boolean;
  readonly #timers: Timers;
  readonly #others = new Set<string>();
  #census: Channel | null = null;
  #shared: Channel | null = null;
  #warned = false;

  /** @param seeks whether to look for a leader, because sharing was given up */
  constructor(
    side: TabSide,
    openChannel: ((name: string) => Channel) | null,
    vote: Vote,
    listener: AloneListener,
    seeks: boolean,
  ) {
    this.#side = side;
    this.#openChannel = openChannel;
    this.#vote = vote;
    this.#listener = listener;
    this.#seeks = seeks;
    this.#timers = new Timers(side.env);
  }

  stand(): void {
    const { endpoint, tab } = this.#side;
    const name = sharedName(endpoint);
    try {
      this.#census = this.#openChannel?.(censusName(name)) ?? null;
      if (this.#seeks) this.#shared = this.#openChannel?.(name) ?? null;
    } catch (error) {
      this.#listener.warn(`the tabs cannot count each other: ${error}`);
    }
    if (this.#census) this.#census.onmessage = ({ data }) => this.#count(data as Census);
    this.#census?.postMessage({ kind: "alone", tab, answer: true });
    if (this.#shared) this.#seek(this.#shared);
    this.#vote.lead("this tab has a stream of its own");
  }

  silent(): void {}

  heard(): void {}

  withdraw(): void {
    this.#timers.clear();
    for (const channel of [this.#census, this.#shared]) channel?.close();
    this.#census = null;
    this.#shared = null;
    this.#others.clear();
  }

  #seek(shared: Channel): void {
    shared.onmessage = ({ data }) => {
      if (isFromLeader(data as Message)) this.#listener.found();
    };
    const ask = () => {
      shared.postMessage({ tab: this.#side.tab, term: 0, kind: "ping" });
      this.#timers.set("ask", ASK_EVERY_MILLIS, ask);
    };
    this.#timers.set("ask", ASK_EVERY_MILLIS, ask);
  }

  #count(message: Census): void {
    if (message.kind === "signOut") {
      this.#listener.signedOut();
      return;
    }
    const { tab } = this.#side;
    const { tab: other, answer } = message;
    if (answer) {
      // All tabs hear the answers, so a new tab is the moment to forget those that have closed.
      this.#others.clear();
      this.#census?.postMessage({ kind: "alone", tab, answer: false });
    }
    this.#others.add(other);
    const tabs = this.#others.size + 1;
    if (tabs < TOO_MANY_TABS || this.#warned) return;
    this.#warned = true;
    this.#listener.warn(
      `${tabs} tabs have a stream each, and this browser allows six connections: close some, or use https`,
    );
  }
}
