import { parseEventId } from "./index.js";

parseEventId("");
