import { createStore } from "zustand/vanilla";
import { remember, remembered } from "../desk/remembered.js";

/** `locked`: the browser allows no sound before the first key or click. `off`: somebody has turned it off. */
export type SoundState = "missing" | "locked" | "off" | "on";

const GESTURES = ["pointerdown", "keydown"] as const;
/** The button that calls {@link Sound.toggle}. */
const SOUND_BUTTON = "[data-sound]";

const TONES_HZ = [880, 660, 880, 660, 880];
const TONE_SECONDS = 0.22;
const VOLUME = 0.35;

/** The sound of an urgent message, made by Web Audio. */
export class Sound {
  readonly store = createStore<{ readonly state: SoundState }>(() => ({ state: "locked" }));
  #context: AudioContext | null = null;

  constructor() {
    if (typeof AudioContext === "undefined") {
      this.store.setState({ state: "missing" });
      return;
    }
    for (const gesture of GESTURES) {
      const unlock = ({ target }: Event) => {
        // The button turns it on by itself, and would turn off what was turned on before its click.
        if (!(target instanceof Element && target.closest(SOUND_BUTTON))) this.#unlock();
      };
      addEventListener(gesture, unlock, { capture: true, passive: true });
    }
  }

  /** Turns it on, and lets it be heard; or off. Call it from a click. */
  toggle(): void {
    if (this.store.getState().state === "on") {
      remember("sound", "off");
      this.#show();
      return;
    }
    remember("sound", "on");
    this.#unlock();
    void this.#context?.resume().then(() => this.#show() && this.play());
  }

  get isOn(): boolean {
    return this.store.getState().state === "on";
  }

  play(): void {
    const context = this.#context;
    if (!context) return;
    const start = context.currentTime + 0.02;
    const end = start + TONES_HZ.length * TONE_SECONDS;
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    oscillator.type = "triangle";
    TONES_HZ.forEach((hertz, n) => {
      oscillator.frequency.setValueAtTime(hertz, start + n * TONE_SECONDS);
    });
    // Ramps instead of steps: a step is heard as a click.
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(VOLUME, start + 0.03);
    gain.gain.setValueAtTime(VOLUME, end - 0.1);
    gain.gain.linearRampToValueAtTime(0, end);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(start);
    oscillator.stop(end);
  }

  #unlock(): void {
    if (!this.#context) {
      this.#context = new AudioContext();
      this.#context.addEventListener("statechange", () => this.#show());
    }
    if (this.#context.state !== "running") void this.#context.resume().then(() => this.#show());
    this.#show();
  }

  /** Returns whether it is on. */
  #show(): boolean {
    const running = this.#context?.state === "running";
    const state = remembered("sound") === "off" ? "off" : running ? "on" : "locked";
    if (state !== this.store.getState().state) this.store.setState({ state });
    return state === "on";
  }
}
