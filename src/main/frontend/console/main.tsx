import "./style.css";
import { createRoot } from "react-dom/client";
import { type LogLevel, type Sharing, SSEClient } from "../client/index.js";
import { SSEProvider } from "../react/index.js";
import { App } from "./App.js";
import { exposeForDebugging } from "./debugging.js";
import { Desk } from "./desk.js";
import { readRemembered } from "./remembered.js";

const asked = new URLSearchParams(location.search);
const sharing = asked.get("sharing") as Sharing | null;

const client = new SSEClient({
  url: new URL("api/sse", document.baseURI).href,
  logLevel: readRemembered("logLevel", "info") as LogLevel,
  // To try what a browser without a secure context does: ?sharing=worker or ?sharing=none.
  ...(sharing && { sharing }),
});
exposeForDebugging(client);
const desk = new Desk(client);
void desk.open();

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <SSEProvider client={client}>
      <App desk={desk} />
    </SSEProvider>,
  );
}
