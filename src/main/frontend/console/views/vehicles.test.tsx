// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Vehicle, VehicleStatus } from "../model/model.js";
import { VehicleBoard } from "./VehicleBoard.js";

vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);

let place: HTMLElement;
let root: Root;
let sent: unknown[];
let onServer: Vehicle;
const vehicle = (id: string, status: VehicleStatus, version: number): Vehicle => ({
  id,
  status,
  version,
  updatedAt: new Date(Date.now() - 12 * 60_000).toISOString(),
});
const shows = (...vehicles: Vehicle[]) =>
  act(() =>
    root.render(
      <VehicleBoard vehicles={new Map(vehicles.map((one) => [one.id, one]))} changed={() => {}} />,
    ),
  );
const find = (selector: string) => place.querySelector<HTMLElement>(selector);
const press = (selector: string) => act(async () => find(selector)?.click());

beforeEach(() => {
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  sent = [];
  onServer = vehicle("A-1", "available", 4);
  // A server that takes a change only of the version that it has.
  vi.stubGlobal("fetch", async (_: URL, init: RequestInit) => {
    const { status, version } = JSON.parse(String(init.body));
    sent.push({ status, version });
    if (version !== onServer.version) {
      return new Response(JSON.stringify({ current: onServer }), { status: 409 });
    }
    onServer = { ...onServer, status, version: version + 1 };
    return new Response(JSON.stringify(onServer));
  });
  place = document.createElement("div");
  document.body.append(place);
  root = createRoot(place);
});
afterEach(() => {
  act(() => root.unmount());
  place.remove();
});

it("a change goes with the version that was seen when the vehicle was pressed", async () => {
  await shows(onServer);
  await press("[data-vehicle-id=A-1] button");
  await press("[data-testid=choose-on_scene]");
  expect(sent).toEqual([{ status: "on_scene", version: 4 }]);
  expect(onServer.status).toBe("on_scene");
});

it("a change by another desk in between is shown, and overwritten only by a second choice", async () => {
  const seen = onServer;
  await shows(seen);
  await press("[data-vehicle-id=A-1] button");
  onServer = vehicle("A-1", "transporting", 5);
  // The event of the other desk's change has arrived; what was seen when choosing counts.
  await shows(onServer);
  expect(find("[data-testid=vehicle-note]")?.textContent).toContain("Transporting");
  await press("[data-testid=choose-available]");
  expect(onServer.status).toBe("transporting");
  expect(find("[data-testid=vehicle-conflict]")?.textContent).toContain("Transporting");
  await press("[data-testid=vehicle-anyway]");
  expect(sent).toEqual([
    { status: "available", version: 4 },
    { status: "available", version: 5 },
  ]);
  expect(onServer.status).toBe("available");
});

it("vehicles stand under their status with their number, and say for how long", async () => {
  await shows(vehicle("A-1", "available", 1), vehicle("A-2", "available", 1));
  expect(find("[data-testid=vehicle-counts] [data-status=available] dd")?.textContent).toBe("2");
  expect(find("[data-vehicle-id=A-1] .vehicle-elapsed")?.textContent).toBe("12 min");
});

it("while the pointer is there no vehicle moves; it is said how many would", async () => {
  await shows(vehicle("A-1", "available", 1), vehicle("A-2", "available", 1));
  const list = find(".scroll") as HTMLElement;
  act(() => void list.dispatchEvent(new MouseEvent("pointerover", { bubbles: true })));
  await shows(vehicle("A-1", "on_scene", 2), vehicle("A-2", "available", 1));
  expect(find(".group.is-available [data-vehicle-id=A-1]")?.dataset.status).toBe("on_scene");
  expect(find("[data-testid=regroup]")?.textContent).toContain("1");
  await press("[data-testid=regroup]");
  expect(find(".group.is-on_scene [data-vehicle-id=A-1]")).not.toBeNull();
});

it("the second click of a double click on a vehicle chooses nothing", async () => {
  await shows(onServer);
  await press("[data-vehicle-id=A-1] button");
  const second = new MouseEvent("click", { bubbles: true, detail: 2 });
  await act(async () => find("[data-testid=choose-on_scene]")?.dispatchEvent(second));
  expect(sent).toEqual([]);
});
