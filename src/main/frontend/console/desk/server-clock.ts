/** So much may pass differently on two clocks of one machine before something is wrong with one of them. */
const STEP_MILLIS = 30_000;

/** The headers' times have whole seconds: this is what is missing on average. */
const HALF_A_SECOND = 500;

interface Clocks {
  /** Never goes back; may stand still while the computer sleeps. Milliseconds. */
  monotonic(): number;
  /** May be set by people. Milliseconds since 1970. */
  wall(): number;
}

const BROWSER: Clocks = { monotonic: () => performance.now(), wall: () => Date.now() };

/** The server's time, from the `Date` of its last answer on: right whatever the browser's clock says. */
export class ServerClock {
  readonly #clocks: Clocks;
  #last: { readonly server: number; readonly monotonic: number; readonly wall: number } | null =
    null;

  constructor(clocks: Clocks = BROWSER) {
    this.#clocks = clocks;
  }

  /** Sets the clock by an answer of the server. */
  heard(response: { readonly headers: Headers }): void {
    const server = Date.parse(response.headers?.get("Date") ?? "");
    if (Number.isNaN(server)) return;
    this.#last = {
      server: server + HALF_A_SECOND,
      monotonic: this.#clocks.monotonic(),
      wall: this.#clocks.wall(),
    };
  }

  /** Milliseconds since 1970; the browser's own clock until the server was heard. */
  now(): number {
    if (!this.#last) return this.#clocks.wall();
    return this.#last.server + (this.#clocks.monotonic() - this.#last.monotonic);
  }

  /** Whether the computer slept or the browser's clock was set: then the server has to be asked again. */
  get isInDoubt(): boolean {
    if (!this.#last) return false;
    const passed = this.#clocks.monotonic() - this.#last.monotonic;
    return Math.abs(this.#clocks.wall() - this.#last.wall - passed) > STEP_MILLIS;
  }
}

export const serverClock = new ServerClock();
