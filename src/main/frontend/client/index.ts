export { type EventId, parseEventId } from "./event-id.js";
