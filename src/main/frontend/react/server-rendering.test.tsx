// @vitest-environment node
import { renderToString } from "react-dom/server";
import { expect, it } from "vitest";

it("the client and the React entry can be imported where there is no browser", async () => {
  await import("../client/index.js");
  await import("./index.js");
});

it("a client can be constructed where there is no browser", async () => {
  const { SSEClient } = await import("../client/index.js");
  expect(() => new SSEClient()).not.toThrow();
});

it("… and with an absolute address", async () => {
  const { SSEClient } = await import("../client/index.js");
  expect(() => new SSEClient({ url: "http://samband.test/api/sse" })).not.toThrow();
});

it("a server renders the first state of the connection", async () => {
  const { SSEProvider, useConnectionStatus } = await import("./index.js");
  function Line() {
    return <p>{useConnectionStatus()}</p>;
  }
  const html = () =>
    renderToString(
      <SSEProvider>
        <Line />
      </SSEProvider>,
    );
  expect(html).not.toThrow();
  expect(html()).toMatch(/disconnected|reconnecting/);
});
