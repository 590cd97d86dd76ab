export { parseEventId } from "../client/index.js";
