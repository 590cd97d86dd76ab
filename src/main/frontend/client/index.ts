export { browserEnvironment, type Environment } from "./environment.js";
export type { AnyEvents, EventOf, EventType, SSEEvent, SSEReset } from "./event.js";
export { type EventId, parseEventId } from "./event-id.js";
export type { ConnectionError } from "./line-state.js";
export type { LogLevel } from "./logger.js";
export type { ConnectionStatus } from "./policy.js";
export type { Role, Sharing } from "./share.js";
export {
  type ConnectOptions,
  type EventHandler,
  type ResetHandler,
  SSEClient,
  type SSEClientOptions,
} from "./sse-client.js";
export type { ConnectionState, ConnectionStore, Transition } from "./store.js";
