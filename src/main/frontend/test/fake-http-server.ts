import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import { FakeLog, type Frame, frameOf } from "./fake-log.js";

/**
 * The wire of DESIGN section 2 over real HTTP, for looking at the page without an app server:
 *
 *     npm run build && npm run fake-server
 *
 * `POST /fake/<sentence>` makes its day: `cuts`, `restarts`, `vanishes`, `returns`, `streams/503`, `polls/401`,
 * `publishes/50` (a second), `flashes/waiting` (or `lost`, `unknown`, `durable`), `trims/10`, `drains/3000`, `forgets` (the log), `quiet` (no more publishing),
 * `signs-in/kari` (and nobody: `signs-in/`), `mode/open`, `admin/no` (or `yes`).
 */
const PAGES = process.env.SAMBAND_PAGES ?? "../../../target/frontend";
const KEEPALIVE_MILLIS = Number(process.env.SAMBAND_KEEPALIVE_MILLIS ?? 15_000);
const TYPES: Record<string, string> = {
  ".html": "text/html;charset=UTF-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
};

interface Open {
  readonly response: ServerResponse;
  readonly connectedAt: string;
  readonly address: string;
  readonly userAgent: string;
  cursor: string;
}

const log = new FakeLog();
const open = new Set<Open>();
const vehicles = new Map<
  string,
  { id: string; status: string; version: number; updatedAt: string }
>();
interface FakeFlash {
  readonly id: string;
  readonly text: string | undefined;
  readonly priority: string | undefined;
  readonly createdAt: string;
  readonly acknowledgements: { by: string; at: string }[];
}
const flashes: FakeFlash[] = [];
let flashOutcome = "durable";
let streamStatus = 200;
let pollStatus = 200;
let dark = false;
let user = "";
let mode = "required";
let isAdmin = true;
let publishing: NodeJS.Timeout | undefined;

const now = () => new Date().toISOString();

function write(stream: Open, [name, id, data]: Frame): void {
  if (dark) return;
  stream.cursor = id;
  const line = name === "message" ? "" : `event: ${name}\n`;
  stream.response.write(`id: ${id}\n${line}data: ${data}\n\n`);
}

function publish(type: string, data: unknown): string {
  const event = log.append(type, data, now());
  for (const stream of open) write(stream, frameOf(event));
  return event.id;
}

function cut(): void {
  for (const { response } of open) response.destroy();
  open.clear();
}

function stream(request: IncomingMessage, response: ServerResponse, asked: URLSearchParams): void {
  if (streamStatus !== 200) {
    answer(response, streamStatus, { title: "no stream", status: streamStatus });
    return;
  }
  const header = request.headers["last-event-id"];
  const lastEventId = (Array.isArray(header) ? header[0] : header) ?? asked.get("lastEventId");
  response.writeHead(200, {
    "Content-Type": "text/event-stream;charset=UTF-8",
    "Cache-Control": "no-cache, no-store, no-transform",
  });
  const subscriber: Open = {
    response,
    connectedAt: now(),
    address: request.socket.remoteAddress ?? "",
    userAgent: request.headers["user-agent"] ?? "",
    cursor: "",
  };
  response.write("retry: 2000\n");
  const auth = user
    ? { subject: `hash of ${user}`, name: user, rights: "00000001", expiresInMillis: null }
    : null;
  for (const frame of log.beginning(lastEventId ?? null, KEEPALIVE_MILLIS, auth))
    write(subscriber, frame);
  open.add(subscriber);
  response.on("close", () => open.delete(subscriber));
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body));
}

async function body(request: IncomingMessage): Promise<Record<string, string>> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return JSON.parse(text || "{}");
}

async function api(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const path = url.pathname
    .replace(/\/vehicles\/.*/, "/vehicles/ID")
    .replace(/\/flash\/[^/]*\//, "/flash/ID/");
  const call = `${request.method} ${path}`;
  if (!isAdmin && ["POST /api/sse/test", "GET /api/sse/connections"].includes(call)) {
    answer(response, 403, { title: "this needs the right admin", status: 403 });
    return;
  }
  switch (call) {
    case "GET /api/health/ready":
      answer(response, 200, { status: "UP", ...(mode === "open" && { auth: "open" }) });
      break;
    case "GET /api/health/live":
      answer(response, 200, { status: "UP" });
      break;
    case "GET /api/sse":
      stream(request, response, url.searchParams);
      break;
    case "GET /api/sse/poll":
      if (pollStatus !== 200) answer(response, pollStatus, { status: pollStatus });
      else {
        const limit = Number(url.searchParams.get("limit") ?? 500);
        answer(response, 200, log.poll(url.searchParams.get("after"), limit));
      }
      break;
    case "POST /api/sse/test": {
      const nonce = Math.random().toString(16).slice(2);
      publish("test", { nonce });
      answer(response, 202, { nonce, subscribers: open.size });
      break;
    }
    case "GET /api/sse/connections":
      answer(
        response,
        200,
        [...open].map(({ response: _, ...row }) => ({
          ...row,
          lag: 0,
          lastWriteAt: now(),
          state: "streaming",
          types: null,
        })),
      );
      break;
    case "GET /api/vehicles":
      answer(response, 200, { lastEventId: log.newestId, vehicles: [...vehicles.values()] });
      break;
    case "GET /api/flash":
      answer(response, 200, { lastEventId: log.newestId, flashes });
      break;
    case "POST /api/flash": {
      const { text, priority } = await body(request);
      if (flashOutcome === "lost") {
        answer(response, 503, { title: "lost", status: 503, detail: "the event log is full" });
        break;
      }
      const id = `flash-${log.newest}-${Date.now() % 100_000}`;
      if (flashOutcome === "durable") {
        const flash = { id, text, priority, createdAt: now() };
        flashes.push({ ...flash, text, priority, acknowledgements: [] });
        publish("flash_message", flash);
      }
      answer(response, 202, { id, outcome: flashOutcome });
      break;
    }
    case "POST /api/flash/ID/acknowledgements": {
      const { by } = await body(request);
      const flash = flashes.find(({ id }) => id === url.pathname.split("/")[3]);
      if (!flash) {
        answer(response, 404, { title: "no such message", status: 404 });
        break;
      }
      if (by && !flash.acknowledgements.some((one) => one.by === by)) {
        const one = { by, at: now() };
        flash.acknowledgements.push(one);
        publish("flash_acknowledged", { id: flash.id, ...one });
      }
      answer(response, 202, { outcome: "durable" });
      break;
    }
    case "PUT /api/vehicles/ID": {
      const id = decodeURIComponent(url.pathname.split("/")[3] ?? "");
      const { status, version: seen } = await body(request);
      const current = vehicles.get(id);
      if (seen !== undefined && Number(seen) !== (current?.version ?? 0)) {
        answer(response, 409, { title: "changed meanwhile", status: 409, current });
        break;
      }
      const version = (current?.version ?? 0) + 1;
      const vehicle = { id, status: status ?? "", version, updatedAt: now() };
      vehicles.set(id, vehicle);
      publish("bilstatus_update", vehicle);
      answer(response, 200, vehicle);
      break;
    }
    default:
      answer(response, 404, { title: "no such call", status: 404 });
  }
}

function sentence(path: string): void {
  const [, , verb, argument = ""] = path.split("/");
  const number = Number(argument);
  if (verb === "cuts") cut();
  else if (verb === "restarts") {
    log.reopen();
    cut();
  } else if (verb === "forgets") {
    log.loseAll();
    cut();
  } else if (verb === "vanishes") dark = true;
  else if (verb === "returns") {
    dark = false;
    cut();
  } else if (verb === "streams") {
    streamStatus = number;
    if (number !== 200) cut();
  } else if (verb === "polls") pollStatus = number;
  else if (verb === "trims") log.trimTo(number);
  else if (verb === "flashes") flashOutcome = path.split("/")[3] ?? "durable";
  else if (verb === "mode") mode = argument;
  else if (verb === "admin") isAdmin = argument === "yes";
  else if (verb === "signs-in") {
    user = argument;
    cut();
  } else if (verb === "drains") {
    const data = JSON.stringify({ reason: "shutdown", reconnectMillis: number });
    for (const one of open) write(one, ["drain", one.cursor, data]);
    cut();
  } else if (verb === "publishes" || verb === "quiet") {
    clearInterval(publishing);
    let n = 0;
    const next = () => {
      n += 1;
      publish("event_created", { n });
    };
    if (number > 0) publishing = setInterval(next, 1_000 / number);
  }
}

function page(path: string, response: ServerResponse): void {
  const file = join(PAGES, normalize(path === "/" ? "/index.html" : path));
  if (!existsSync(file) || !statSync(file).isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" });
  createReadStream(file).pipe(response);
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://localhost");
  if (url.pathname.startsWith("/fake/")) {
    sentence(url.pathname);
    response.end("done\n");
  } else if (dark) {
    // A black hole: the request is taken, and nothing ever comes back.
  } else if (url.pathname.startsWith("/api/")) {
    void api(request, response, url);
  } else page(url.pathname, response);
});

setInterval(() => {
  for (const one of open) {
    write(one, ["keepalive", one.cursor, JSON.stringify({ newest: log.newest, timestamp: now() })]);
  }
}, KEEPALIVE_MILLIS);

server.listen(Number(process.env.PORT ?? 8090), () => {
  const address = server.address();
  console.log(`http://localhost:${typeof address === "object" ? address?.port : ""}/`);
});
