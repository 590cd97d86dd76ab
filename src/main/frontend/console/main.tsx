import "./styles/index.css";
import { createRoot } from "react-dom/client";
import { type LogLevel, type Sharing, SSEClient } from "../client/index.js";
import { SSEProvider } from "../react/index.js";
import { Alerts } from "./alerts/alerts.js";
import { Acknowledging } from "./desk/acknowledging.js";
import { exposeForDebugging } from "./desk/debugging.js";
import { Desk } from "./desk/desk.js";
import { remember, remembered } from "./desk/remembered.js";
import { acknowledgeFlash } from "./desk/server.js";
import { App } from "./views/App.js";
import { ConsoleContext } from "./views/context.js";

const asked = new URLSearchParams(location.search);
const sharing = asked.get("sharing") as Sharing | null;
if (asked.has("developer")) remember("developer", "on");

const client = new SSEClient({
  url: new URL("api/sse", document.baseURI).href,
  logLevel: (remembered("logLevel") ?? "info") as LogLevel,
  // To try what a browser without a secure context does: ?sharing=worker or ?sharing=none.
  ...(sharing && { sharing }),
});
exposeForDebugging(client);
const desk = new Desk(client);
const acknowledging = new Acknowledging(acknowledgeFlash);
const alerts = new Alerts();
client.store.subscribe(({ status }, before) => {
  if (status === "connected" && before.status !== "connected") void acknowledging.flush();
});
void desk.open();

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <SSEProvider client={client}>
      <ConsoleContext value={{ desk, acknowledging, alerts }}>
        <App />
      </ConsoleContext>
    </SSEProvider>,
  );
}
