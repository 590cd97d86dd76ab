import { describe, expect, it } from "vitest";
import {
  pollDelay,
  reconnectDelay,
  retryAfterMillis,
  signInDelay,
  silenceMillis,
} from "./policy.js";

const highest = () => 1;
const lowest = () => 0;

describe("the delay before an attempt", () => {
  it("doubles from 2 s to 16 s", () => {
    expect([1, 2, 3, 4, 5, 6].map((n) => reconnectDelay(n, highest))).toEqual([
      2_000, 4_000, 8_000, 16_000, 16_000, 16_000,
    ]);
  });

  it("is never less than half of it", () => {
    expect([1, 2, 3, 4, 5].map((n) => reconnectDelay(n, lowest))).toEqual([
      1_000, 2_000, 4_000, 8_000, 8_000,
    ]);
  });
});

describe("the delay before a poll", () => {
  it("is the server's while polls succeed", () => {
    expect(pollDelay(5_000, 0, lowest)).toBe(5_000);
  });

  it("grows while they fail, and stays short enough for somebody who waits", () => {
    expect([1, 2, 3, 9].map((n) => pollDelay(5_000, n, highest))).toEqual([
      5_000, 10_000, 15_000, 15_000,
    ]);
  });
});

it("a stream is silent after two and a half keepalive intervals", () => {
  expect(silenceMillis(15_000)).toBe(37_500);
});

describe("Retry-After", () => {
  it("may be seconds", () => expect(retryAfterMillis("20", 0)).toBe(20_000));
  it("is a minute at most", () => expect(retryAfterMillis("86400", 0)).toBe(60_000));
  it("may be a date", () => {
    expect(retryAfterMillis("Mon, 23 Nov 2026 14:00:10 GMT", Date.UTC(2026, 10, 23, 14))).toBe(
      10_000,
    );
  });
  it("may be garbage", () => expect(retryAfterMillis("soon", 0)).toBeNull());
});

it("a login page is asked every 30 to 60 s at first, and half as often later", () => {
  expect([signInDelay(1, lowest), signInDelay(4, highest)]).toEqual([30_000, 60_000]);
  expect([signInDelay(5, lowest), signInDelay(9, highest)]).toEqual([60_000, 120_000]);
});
