// A plain EventSource: prints the id of each event, and "reset" or "closed" if that happens.
// Arguments: the address of the stream, and the id after which to begin.
import { EventSource } from "eventsource";

const [url, lastEventId] = process.argv.slice(2);
const source = new EventSource(`${url}?lastEventId=${lastEventId}`);
source.addEventListener("open", () => console.log("open"));
source.onmessage = (event) => console.log(event.lastEventId);
source.addEventListener("reset", () => console.log("reset"));
source.onerror = (error) => {
  if (source.readyState === EventSource.CLOSED) {
    console.log(`closed ${error.code}`);
  }
};
// The package's timer for the next attempt does not keep the process alive.
setInterval(() => {}, 60_000);
