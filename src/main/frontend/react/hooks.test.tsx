import { expect, it } from "vitest";
import { SSEClient } from "../client/index.js";
import * as react from "./index.js";

type Events = {
  flash_message: { text: string };
  vehicle_moved: { id: string };
};

const { SSEProvider, useSSEClient, useSSEEvent } = react.hooksFor<Events>();

/** Never called: the compiler is the test. */
function Typed() {
  const client: SSEClient<Events> = useSSEClient();
  useSSEEvent("flash_message", ({ data }) => data.text.length);
  useSSEEvent("*", (event) => {
    if (event.type === "vehicle_moved") event.data.id.length;
    // @ts-expect-error not narrowed
    else event.data.id;
  });
  // @ts-expect-error no such type
  useSSEEvent("flash_massage", () => {});
  // @ts-expect-error other data
  useSSEEvent("flash_message", ({ data }) => data.id);
  return <SSEProvider client={client}>typed</SSEProvider>;
}

/** Without types, any event may be asked for, and its data is unknown. */
function Untyped() {
  react.useSSEEvent("anything_at_all", ({ data }) => {
    // @ts-expect-error unknown
    data.text;
  });
  return <react.SSEProvider client={new SSEClient<Events>()}>untyped</react.SSEProvider>;
}

it("typed hooks are the same functions", () => {
  expect(useSSEEvent).toBe(react.useSSEEvent);
  expect(SSEProvider).toBe(react.SSEProvider);
  expect([Typed, Untyped]).toHaveLength(2);
});
