import { beforeEach, expect, it } from "vitest";
import { ServerClock } from "./server-clock.js";

const SERVER = Date.UTC(2026, 10, 23, 14);
const HOUR = 3_600_000;
let monotonic: number;
let wall: number;
let clock: ServerClock;
const answer = (at: number) => new Response("", { headers: { Date: new Date(at).toUTCString() } });

beforeEach(() => {
  monotonic = 1_000;
  // The browser's clock is an hour and a half off.
  wall = SERVER + 1.5 * HOUR;
  clock = new ServerClock({ monotonic: () => monotonic, wall: () => wall });
});

it("is the browser's clock until the server was heard", () => expect(clock.now()).toBe(wall));

it("is the server's from then on, whatever the browser's clock is set to", () => {
  clock.heard(answer(SERVER));
  monotonic += 10_000;
  wall -= HOUR;
  expect(clock.now()).toBe(SERVER + 500 + 10_000);
});

it("is in doubt after the computer slept, until the server is heard again", () => {
  clock.heard(answer(SERVER));
  expect(clock.isInDoubt).toBe(false);
  wall += 2 * HOUR;
  monotonic += 5_000;
  expect(clock.isInDoubt).toBe(true);
  clock.heard(answer(SERVER + 2 * HOUR));
  expect(clock.isInDoubt).toBe(false);
  expect(clock.now()).toBe(SERVER + 2 * HOUR + 500);
});

it("is not set by an answer without a date", () => {
  clock.heard(new Response(""));
  expect(clock.now()).toBe(wall);
});
