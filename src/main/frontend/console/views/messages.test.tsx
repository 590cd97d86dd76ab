// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { SSEClient } from "../../client/index.js";
import { Alerts } from "../alerts/alerts.js";
import { Acknowledging } from "../desk/acknowledging.js";
import { Desk } from "../desk/desk.js";
import type { Flash } from "../model/model.js";
import { ConsoleContext } from "./context.js";
import { MessagesPanel } from "./MessagesPanel.js";

vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);

/** Tells the page which cards are in view. */
let observed: IntersectionObserverCallback;
class FakeObserver {
  constructor(callback: IntersectionObserverCallback) {
    observed = callback;
  }
  observe() {}
  unobserve() {}
  disconnect() {}
}

let place: HTMLElement;
let root: Root;
let acknowledged: string[];
const flash = (n: number, priority: Flash["priority"] = "high"): Flash => ({
  id: `f${n}`,
  text: `text ${n}`,
  priority,
  createdAt: new Date(Date.UTC(2026, 10, 23, 14, 0, n)).toISOString(),
});
const context = {
  desk: new Desk({} as SSEClient),
  acknowledging: new Acknowledging(async () => {}),
  alerts: new Alerts(),
};
const shows = (flashes: readonly Flash[]) =>
  act(() =>
    root.render(
      <ConsoleContext value={context}>
        <MessagesPanel
          flashes={flashes}
          open={flashes.filter(({ id }) => !acknowledged.includes(id))}
          own="Desk 3"
          acknowledge={(ids) => acknowledged.push(...ids)}
        />
      </ConsoleContext>,
    ),
  );
const cards = () =>
  [...place.querySelectorAll("article")].map((card) => card.getAttribute("data-flash-id"));
const button = (id: string) => place.querySelector<HTMLElement>(`[data-testid=${id}]`);
/** The cards come into view, and the dispatcher looks at them for so long. */
const looksAt = (ids: readonly string[], millis: number) =>
  act(async () => {
    const entries = ids.map((id) => ({
      target: place.querySelector(`div[data-flash-id=${id}]`),
      intersectionRatio: 1,
    }));
    observed(entries as unknown as IntersectionObserverEntry[], {} as IntersectionObserver);
    await vi.advanceTimersByTimeAsync(millis);
  });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  vi.stubGlobal("IntersectionObserver", FakeObserver);
  localStorage.clear();
  acknowledged = [];
  place = document.createElement("div");
  document.body.append(place);
  root = createRoot(place);
});
afterEach(() => {
  act(() => root.unmount());
  place.remove();
  vi.useRealTimers();
});

it("'Acknowledge those on screen' signs off what was on the screen for a second, and nothing else", async () => {
  await shows([5, 4, 3, 2, 1].map((n) => flash(n)));
  expect(button("flash-acknowledge-shown")).toBeNull();
  await looksAt(["f1", "f2", "f3"], 1_500);
  await looksAt(["f4"], 100);
  expect(button("flash-acknowledge-shown")?.textContent).toContain("3");
  act(() => button("flash-acknowledge-shown")?.click());
  expect(acknowledged).toEqual(["f1", "f2", "f3"]);
});

it("one message is acknowledged by its own button, and the keyboard stays at it", async () => {
  await shows([flash(2), flash(1)]);
  act(() => place.querySelector<HTMLElement>("[data-flash-id=f2] button")?.click());
  expect(acknowledged).toEqual(["f2"]);
  expect(document.activeElement?.getAttribute("data-flash-id")).toBe("f2");
});

it("while the pointer is there nothing moves: new messages come last, acknowledged ones keep their place", async () => {
  await shows([flash(2, "normal"), flash(1, "normal")]);
  const list = place.querySelector<HTMLElement>(".scroll") as HTMLElement;
  // React listens to `pointerover` for `onPointerEnter`.
  act(() => void list.dispatchEvent(new MouseEvent("pointerover", { bubbles: true })));
  acknowledged.push("f1");
  await shows([flash(9), flash(2, "normal"), flash(1, "normal")]);
  expect(cards()).toEqual(["f1", "f2", "f9"]);
  expect(place.querySelector("[data-flash-id=f1] button")).toBeNull();

  act(() => void list.dispatchEvent(new MouseEvent("pointerout", { bubbles: true })));
  await act(() => vi.advanceTimersByTimeAsync(2_000));
  expect(cards()).toEqual(["f9", "f2"]);
});

it("a card says which desks have acknowledged the message and which have not", async () => {
  const at = new Date().toISOString();
  await shows([
    { ...flash(2), acknowledgements: [{ by: "Desk 1", at }] },
    { ...flash(1), acknowledgements: [{ by: "Desk 2", at }] },
  ]);
  const desks = place.querySelector("[data-flash-id=f2] [data-testid=flash-desks]")?.textContent;
  expect(desks).toMatch(/Acknowledged by Desk 1 /);
  expect(desks).toContain("Not yet: Desk 2, Desk 3 (you)");
});
