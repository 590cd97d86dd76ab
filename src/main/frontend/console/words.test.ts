import { describe, expect, it } from "vitest";
import type { ConnectionState } from "../client/index.js";
import { age, doubt } from "./words.js";

const now = Date.UTC(2026, 10, 23, 14);
const line = (changes: Partial<ConnectionState>) =>
  ({
    status: "connected",
    reason: "five attempts failed",
    lastProofAt: now,
    keepaliveMillis: 15_000,
    catchingUp: false,
    ...changes,
  }) as ConnectionState;
const fresh = { outdated: false, loadedAt: now };

it.each([
  [0, "0 s"],
  [59_400, "59 s"],
  [60_000, "1 min"],
  [3_600_000, "1 h 0 min"],
])("%i ms are said as %s", (millis, words) => expect(age(millis)).toBe(words));

describe("what is said about the page", () => {
  it("is nothing while it is live", () => expect(doubt(line({}), fresh, now)).toBeNull());

  it.each<[string, Partial<ConnectionState>, Partial<typeof fresh>]>([
    ["No contact with the server", { status: "disconnected" }, {}],
    ["no live line", { status: "polling" }, {}],
    ["being restored", { status: "reconnecting" }, {}],
    ["The connection is broken", { status: "reconnecting", lastProofAt: now - 60_000 }, {}],
    ["has not answered yet", { status: "reconnecting", lastProofAt: null }, {}],
    ["Nothing was heard for 30 s", { lastProofAt: now - 30_000 }, {}],
    ["Events are missing", { catchingUp: true }, {}],
    ["being fetched again", {}, { outdated: true }],
  ])("contains: %s", (words, state, board) => {
    expect(doubt(line(state), { ...fresh, ...board }, now)).toContain(words);
  });
});
