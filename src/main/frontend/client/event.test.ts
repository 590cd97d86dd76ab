import { expect, expectTypeOf, it } from "vitest";
import { parseEventId } from "./event.js";
import { SSEClient } from "./sse-client.js";

interface MyEvents {
  flash_message: { text: string };
  vehicle: { status: string };
}

it("an event id is read into its epoch and its offset", () => {
  expect(parseEventId("5f3a9c21-42")).toEqual({ epoch: "5f3a9c21", offset: 42 });
});

it.each(["", "42", "5f3a9c21", "5F3A9C21-1", "5f3a9c21-", "00000000-0", null, undefined])(
  "%s is no position in any log",
  (text) => expect(parseEventId(text)).toBeNull(),
);

it("the types of a client's events follow from its map", () => {
  const client = new SSEClient<MyEvents>({ url: "http://samband.test/api/sse" });
  client.on("flash_message", ({ data }) => expectTypeOf(data.text).toEqualTypeOf<string>());
  client.onEvent((event) => {
    if (event.type === "vehicle") expectTypeOf(event.data.status).toEqualTypeOf<string>();
  });
  new SSEClient().onEvent(({ type, data }) => {
    expectTypeOf(type).toEqualTypeOf<string>();
    expectTypeOf(data).toEqualTypeOf<unknown>();
  });
});
