// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Flash } from "../model/model.js";
import { Acknowledging, isOpen } from "./acknowledging.js";
import { deskName, validName } from "./desk-name.js";

let told: string[];
let serverIsThere: boolean;
const send = async (id: string, by: string) => {
  if (!serverIsThere) throw new TypeError("Failed to fetch");
  told.push(`${id} by ${by}`);
};
const settled = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  localStorage.clear();
  told = [];
  serverIsThere = true;
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it("a message is acknowledged here at once, and the server is told by which desk", async () => {
  const acknowledging = new Acknowledging(send);
  acknowledging.acknowledge(["f1"], "Desk 3");
  expect(acknowledging.store.getState().here.has("f1")).toBe(true);
  await settled();
  expect(told).toEqual(["f1 by Desk 3"]);
  expect(acknowledging.store.getState().unsent.size).toBe(0);
});

it("without a server it says that the others do not know yet, and tells them later", async () => {
  serverIsThere = false;
  const acknowledging = new Acknowledging(send);
  acknowledging.acknowledge(["f1"], "Desk 3");
  await settled();
  expect([...acknowledging.store.getState().unsent]).toEqual(["f1"]);
  serverIsThere = true;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(told).toEqual(["f1 by Desk 3"]);
  expect(acknowledging.store.getState().unsent.size).toBe(0);
});

it("what could not be sent is sent by the page that is opened next", async () => {
  serverIsThere = false;
  new Acknowledging(send).acknowledge(["f1"], "Desk 3");
  await settled();
  vi.clearAllTimers();
  serverIsThere = true;
  await new Acknowledging(send).flush();
  expect(told).toEqual(["f1 by Desk 3"]);
});

describe("without storage a message is acknowledged all the same", () => {
  it("when the storage is full", () => {
    const setItem = vi.fn(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    vi.stubGlobal("localStorage", { getItem: () => null, setItem });
    const acknowledging = new Acknowledging(send);
    acknowledging.acknowledge(["full"], "Desk 3");
    expect(setItem).toHaveBeenCalled();
    expect(acknowledging.store.getState().here.has("full")).toBe(true);
  });

  it("when the storage is forbidden", () => {
    vi.spyOn(globalThis, "localStorage", "get").mockImplementation(() => {
      throw new DOMException("denied", "SecurityError");
    });
    const acknowledging = new Acknowledging(send);
    acknowledging.acknowledge(["forbidden"], "Desk 3");
    expect(acknowledging.store.getState().here.has("forbidden")).toBe(true);
  });
});

it("two tabs acknowledge different messages: neither takes back what the other did", () => {
  const acknowledging = new Acknowledging(send);
  // Another tab wrote, and its `storage` event has not come yet.
  localStorage.setItem("samband.acknowledged", "f1");
  acknowledging.acknowledge(["f2"], "Desk 3");
  expect(localStorage.getItem("samband.acknowledged")).toMatch(/f1.*f2/);
});

it("a message is open until this desk has acknowledged it, here or in another browser", () => {
  const flash: Flash = { id: "f1", text: "", priority: "high", createdAt: "" };
  const by = (desk: string) => ({ ...flash, acknowledgements: [{ by: desk, at: "" }] });
  const none = new Set<string>();
  expect(isOpen(flash, "Desk 3", none, none)).toBe(true);
  expect(isOpen(by("Desk 2"), "Desk 3", none, none)).toBe(true);
  expect(isOpen(by("Desk 3"), "Desk 3", none, none)).toBe(false);
  expect(isOpen(flash, "Desk 3", new Set(["f1"]), none)).toBe(false);
  expect(isOpen(flash, "Desk 3", none, new Set(["f1"]))).toBe(false);
});

describe("the name of a desk", () => {
  it("is made up once and then kept", () => {
    const name = deskName("Pult");
    expect(name).toMatch(/^Pult [A-Z0-9]{4}$/);
    expect(deskName("Desk")).toBe(name);
  });

  it.each([
    ["  Desk 3\n", "Desk 3"],
    ["a".repeat(80), "a".repeat(64)],
    ["\u0007", null],
    ["   ", null],
  ])("%j is taken as %j", (typed, name) => expect(validName(typed)).toBe(name));
});
