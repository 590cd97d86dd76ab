import { describe, expect, it } from "vitest";
import { en } from "../words/en.js";
import { nb } from "../words/nb.js";
import { age, clockTime, elapsed, shortTime } from "./times.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (hour: number, minute: number, day = 23, year = 2026) =>
  new Date(year, 10, day, hour, minute, 7).getTime();

it.each([
  [0, "< 1 min", "< 1 min"],
  [MINUTE - 1, "< 1 min", "< 1 min"],
  [12 * MINUTE + 59_000, "12 min", "12 min"],
  [HOUR, "1 h", "1 t"],
  [2 * HOUR + 5 * MINUTE, "2 h 5 min", "2 t 5 min"],
  [3 * DAY + 4 * HOUR, "3 d 4 h", "3 d 4 t"],
  [-5_000, "< 1 min", "< 1 min"],
])("%i ms are said as %s, and as %s in Norwegian", (millis, english, norwegian) => {
  expect(elapsed(millis, en.units)).toBe(english);
  expect(elapsed(millis, nb.units)).toBe(norwegian);
});

it.each([
  [59_900, "59 s"],
  [MINUTE, "1 min"],
  [-5_000, "0 s"],
])("the age of %i ms is said as %s", (millis, words) => expect(age(millis, en.units)).toBe(words));

describe.each(["en-GB", "en-US", "nb-NO"])("a time in %s", (locale) => {
  it("has 24 hours, the first of which is 00", () => {
    expect(clockTime(at(0, 5), at(12, 0), locale)).toMatch(/^00.05.07$/);
    expect(clockTime(at(14, 5), at(20, 0), locale)).toMatch(/^14.05.07$/);
  });

  it("of another day has its date", () => {
    const now = at(14, 0);
    expect(clockTime(at(14, 0, 22), now, locale)).not.toBe(clockTime(now, now, locale));
    expect(clockTime(at(14, 0, 22), now, locale)).toMatch(/22/);
    expect(shortTime(at(23, 59, 22), at(0, 1), locale)).toMatch(/22/);
  });

  it("of another year has its year", () => {
    expect(clockTime(at(14, 0, 23, 2025), at(14, 0), locale)).toMatch(/2025/);
  });
});

it("what is no time is shown as it is", () => {
  expect(clockTime("yesterday", 0, "en-GB")).toBe("yesterday");
});
