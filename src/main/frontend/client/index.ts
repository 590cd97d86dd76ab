export type { ConnectionError } from "./connection.js";
export { browserEnvironment, type Environment } from "./environment.js";
export {
  type AnyEvents,
  type EventId,
  type EventOf,
  type EventType,
  parseEventId,
  type SSEEvent,
  type SSEReset,
} from "./event.js";
export type { HandlerOptions } from "./handlers.js";
export type { Identity } from "./identity.js";
export type { LogLevel } from "./logger.js";
export type { ConnectionStatus, Refusal } from "./policy.js";
export {
  type ConnectOptions,
  type EventHandler,
  type ResetHandler,
  SSEClient,
  type SSEClientOptions,
} from "./sse-client.js";
export type { ConnectionState, ConnectionStore } from "./store.js";
export type { Role, Sharing } from "./tabs.js";
export type { GetToken } from "./tokens.js";
