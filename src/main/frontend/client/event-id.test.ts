import { expect, it } from "vitest";
import { parseEventId } from "./event-id.js";

it("an event id is read into its epoch and its offset", () => {
  expect(parseEventId("5f3a9c21-42")).toEqual({ epoch: "5f3a9c21", offset: 42 });
});

it.each(["", "42", "5f3a9c21", "5F3A9C21-1", "5f3a9c21-", "00000000-0", null, undefined])(
  "%s is no position in any log",
  (text) => expect(parseEventId(text)).toBeNull(),
);
