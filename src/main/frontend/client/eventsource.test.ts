// @vitest-environment node
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { browserEnvironment } from "./environment.js";
import { SSEClient } from "./sse-client.js";
import { withTokens } from "./tokens.js";

/** The package `eventsource` itself, over HTTP: what the fakes of the other tests take for granted. */
let server: Server;
let base: string;
let requests: { path: string; authorization: string | undefined; after: string | null }[];
let answer: (response: ServerResponse, request: IncomingMessage) => void;

const HELLO = {
  epoch: "aaaaaaaa",
  newest: 1,
  replay: "none",
  keepaliveMillis: 15_000,
  pollMillis: 5_000,
  auth: { subject: "1", name: "kari", rights: "a", expiresInMillis: null },
};
const frame = (id: string, data: object, name?: string) =>
  `id: ${id}\n${name ? `event: ${name}\n` : ""}data: ${JSON.stringify(data)}\n\n`;

const begins = (response: ServerResponse) => {
  response.writeHead(200, { "Content-Type": "text/event-stream;charset=UTF-8" });
  response.write(`retry: 50\n${frame("aaaaaaaa-1", HELLO, "hello")}`);
};

beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
    const { authorization } = request.headers;
    requests.push({ path: pathname, authorization, after: searchParams.get("lastEventId") });
    answer(response, request);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const client = (getToken: () => Promise<string>) => {
  // Node has no page.
  const page = { resolve: (url: string) => url, listen: () => () => {}, openChannel: null };
  const environment = { ...browserEnvironment(), ...page };
  const url = `${base}/api/sse`;
  return new SSEClient({ url, getToken, sharing: "none", logLevel: "silent" }, environment);
};

it("the stream carries the token, and its events arrive", async () => {
  let isOpen = true;
  answer = (response) => {
    response.on("close", () => {
      isOpen = false;
    });
    begins(response);
    response.write(frame("aaaaaaaa-2", { type: "test", data: { n: 1 }, timestamp: "" }));
  };
  const one = client(async () => "secret");
  const heard: string[] = [];
  one.onEvent(({ id }) => heard.push(id));
  one.connect();
  await vi.waitFor(() => expect(heard).toEqual(["aaaaaaaa-2"]));
  expect(one.store.getState()).toMatchObject({ status: "connected", identity: { name: "kari" } });
  expect(requests).toEqual([{ path: "/api/sse", authorization: "Bearer secret", after: null }]);
  one.disconnect();
  await vi.waitFor(() => expect(isOpen).toBe(false));
});

it("a 401 is answered with another token, once", async () => {
  const tokens = ["old", "new"];
  answer = (response, request) => {
    if (request.headers.authorization === "Bearer new") begins(response);
    else response.writeHead(401).end();
  };
  const one = client(async () => tokens.shift() ?? "none");
  one.connect();
  await vi.waitFor(() => expect(one.status).toBe("connected"));
  expect(requests.map(({ authorization }) => authorization)).toEqual(["Bearer old", "Bearer new"]);
  one.disconnect();
});

it("a redirect to a login page is not followed, and is sign_in", async () => {
  answer = (response) => response.writeHead(302, { Location: "/login" }).end();
  const one = client(async () => "secret");
  one.connect();
  await vi.waitFor(() => expect(one.store.getState().refusal).toBe("sign_in"), 5_000);
  expect(requests.map(({ path }) => path)).not.toContain("/login");
  one.disconnect();
});

it("a stream that was cut comes back by itself, with a new token", async () => {
  let streams = 0;
  answer = (response) => {
    begins(response);
    streams += 1;
    if (streams === 1) setTimeout(() => response.destroy(), 50);
  };
  let tokens = 0;
  const one = client(async () => {
    tokens += 1;
    return `token ${tokens}`;
  });
  one.connect();
  await vi.waitFor(
    () => {
      const asked = requests.filter(({ path }) => path === "/api/sse");
      expect(asked.map(({ authorization }) => authorization)).toEqual([
        "Bearer token 1",
        "Bearer token 2",
      ]);
    },
    { timeout: 5_000 },
  );
  one.disconnect();
});

it("a stream that is closed while its token is asked for sends no request", async () => {
  let give = (_token: string) => {};
  const env = withTokens(browserEnvironment(), () => new Promise((done) => (give = done)));
  const source = await env.openEventSource(`${base}/api/sse`, false);
  source.close();
  give("secret");
  await new Promise((done) => setTimeout(done, 100));
  expect(requests).toEqual([]);
});
