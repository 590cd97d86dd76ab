// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Flash } from "../model/model.js";
import { Alerts } from "./alerts.js";
import { claim } from "./claim.js";
import { Sound } from "./sound.js";

let sounds: number;
let notifications: string[];

/** As much of Web Audio as is used; a context runs once `resume` was called. */
class FakeAudioContext extends EventTarget {
  state = "suspended";
  currentTime = 0;
  destination = {};
  async resume() {
    this.state = "running";
    this.dispatchEvent(new Event("statechange"));
  }
  createOscillator() {
    const frequency = { setValueAtTime: () => {} };
    const start = () => {
      sounds += 1;
    };
    return { type: "", frequency, connect: (node: object) => node, start, stop: () => {} };
  }
  createGain() {
    const gain = { setValueAtTime: () => {}, linearRampToValueAtTime: () => {} };
    return { gain, connect: (node: object) => node };
  }
}

class FakeNotification {
  static permission = "granted";
  static requestPermission = async () => "granted";
  onclick = null;
  close() {}
  constructor(title: string, { body }: { body: string }) {
    notifications.push(`${title}: ${body}`);
  }
}

/** `navigator.locks` with `ifAvailable`, shared by all tabs of a browser. */
function fakeLocks() {
  const held = new Set<string>();
  return {
    request: async (name: string, _: object, run: (lock: object | null) => unknown) => {
      if (held.has(name)) return run(null);
      held.add(name);
      const result = await run({});
      held.delete(name);
      return result;
    },
  };
}

const flash: Flash = { id: "f1", text: "Bilbrann", priority: "high", createdAt: "" };
const clicks = async () => {
  window.dispatchEvent(new Event("pointerdown"));
  await vi.advanceTimersByTimeAsync(1);
};
const alerted = (tabs: readonly Alerts[]) => {
  for (const tab of tabs) tab.urgent(flash, "Urgent");
  return vi.advanceTimersByTimeAsync(1_000);
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  localStorage.clear();
  sounds = 0;
  notifications = [];
  vi.stubGlobal("AudioContext", FakeAudioContext);
  vi.stubGlobal("Notification", FakeNotification);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe.each([
  ["with locks", true],
  ["without locks, in a page that is not secure", false],
])("%s", (_, secure) => {
  beforeEach(() => {
    Object.defineProperty(navigator, "locks", {
      value: secure ? fakeLocks() : undefined,
      configurable: true,
    });
  });

  it("three tabs make one sound and show one notification", async () => {
    const tabs = [new Alerts(), new Alerts(), new Alerts()];
    await clicks();
    await alerted(tabs);
    expect(sounds).toBe(1);
    expect(notifications).toEqual(["Urgent: Bilbrann"]);
  });

  it("a tab that hears of it an hour later makes no second sound", async () => {
    const tab = new Alerts();
    await clicks();
    await alerted([tab]);
    await vi.advanceTimersByTimeAsync(3_600_000);
    await alerted([tab]);
    expect(sounds).toBe(1);
  });

  it("two claims of different things do not disturb each other", async () => {
    const both = Promise.all([claim("sound a"), claim("sound b")]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await both).toEqual([true, true]);
  });
});

describe("the sound", () => {
  beforeEach(() => {
    Object.defineProperty(navigator, "locks", { value: fakeLocks(), configurable: true });
  });

  it("is off until somebody has pressed something, and a tab that cannot sound does not claim", async () => {
    const silent = new Alerts();
    expect(silent.sound.store.getState().state).toBe("locked");
    await alerted([silent]);
    expect(sounds).toBe(0);
    await clicks();
    await alerted([silent]);
    expect(sounds).toBe(1);
  });

  it("can be turned off, stays off in the next tab, and is heard when it is turned on", async () => {
    const sound = new Sound();
    await clicks();
    sound.toggle();
    expect(sound.store.getState().state).toBe("off");
    const next = new Alerts();
    await clicks();
    await alerted([next]);
    expect(sounds).toBe(0);
    sound.toggle();
    await vi.advanceTimersByTimeAsync(1);
    expect(sound.isOn).toBe(true);
    expect(sounds).toBe(1);
  });

  it("is turned on, not off, by the first press of its own button", async () => {
    const sound = new Sound();
    const button = document.createElement("button");
    button.dataset.sound = "locked";
    button.addEventListener("click", () => sound.toggle());
    document.body.append(button);
    button.dispatchEvent(new Event("pointerdown", { bubbles: true }));
    await vi.advanceTimersByTimeAsync(1);
    button.click();
    await vi.advanceTimersByTimeAsync(1);
    button.remove();
    expect(sound.isOn).toBe(true);
    expect(sounds).toBe(1);
  });

  it("is missing where the browser has no Web Audio", () => {
    vi.stubGlobal("AudioContext", undefined);
    expect(new Sound().store.getState().state).toBe("missing");
  });
});

it("nothing is shown on the desktop unless it was allowed", async () => {
  FakeNotification.permission = "default";
  const tab = new Alerts();
  await alerted([tab]);
  expect(notifications).toEqual([]);
  await tab.notifying.ask();
  expect(tab.notifying.store.getState().permission).toBe("granted");
  FakeNotification.permission = "granted";
});
