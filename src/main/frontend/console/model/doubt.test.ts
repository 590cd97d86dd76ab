import { describe, expect, it } from "vitest";
import { type Doubt, doubt, type Line, severity } from "./doubt.js";

const line = (changes: Partial<Line>): Line => ({
  status: "connected",
  keepaliveMillis: 15_000,
  catchingUp: false,
  heardMillis: 100,
  refusal: null,
  heldBackSince: null,
  log: "ok",
  behind: null,
  ...changes,
});
const current = { loaded: true, outdated: false };

it("there is none while the stream is up and the page is current", () => {
  expect(doubt(line({}), current)).toBeNull();
});

describe("the reason for doubt", () => {
  it.each<[Doubt["kind"], Partial<Line>, Partial<typeof current>]>([
    ["noContact", { status: "disconnected" }, {}],
    ["sign_in", { status: "disconnected", refusal: "sign_in" }, {}],
    ["forbidden", { status: "disconnected", refusal: "forbidden" }, {}],
    ["sign_in", { status: "reconnecting", refusal: "sign_in" }, {}],
    ["polling", { status: "polling" }, {}],
    ["restoring", { status: "reconnecting" }, {}],
    ["broken", { status: "reconnecting", heardMillis: 60_000 }, {}],
    ["broken", { status: "reconnecting", heardMillis: null }, {}],
    ["silent", { heardMillis: 30_000 }, {}],
    ["heldBack", { log: "failing", heldBackSince: 5 }, {}],
    ["cutOff", { log: "stale", heldBackSince: 5 }, {}],
    ["cutOff", { status: "polling", log: "stale", heldBackSince: 5 }, {}],
    ["behind", { behind: 20_000 }, {}],
    ["missing", { catchingUp: true }, {}],
    ["noBoard", {}, { loaded: false, outdated: true }],
    ["fetchingBoard", {}, { outdated: true }],
  ])("is %s with %j and %j", (kind, change, board) => {
    expect(doubt(line(change), { ...current, ...board })?.kind).toBe(kind);
  });

  it("is that events are held back although the page is behind as well: that lasts longer", () => {
    expect(doubt(line({ heldBackSince: 5, behind: 3, catchingUp: true }), current)?.kind).toBe(
      "heldBack",
    );
  });
});

it("is only a warning where news may come late, and no more", () => {
  expect(severity({ kind: "polling" })).toBe("warn");
  expect(severity({ kind: "heldBack", sinceMillis: 0 })).toBe("bad");
  expect(severity({ kind: "cutOff", sinceMillis: 0 })).toBe("bad");
});
