import type { Environment } from "./environment.js";

/** How much is written to the browser's console. */
export type LogLevel = "silent" | "error" | "warn" | "info" | "debug";

const LEVELS: readonly LogLevel[] = ["silent", "error", "warn", "info", "debug"];

/** Writes `[SSE] <time> <line>`, as the server does. */
export class Logger {
  level: LogLevel;
  readonly #env: Environment;

  constructor(env: Environment, level: LogLevel) {
    this.#env = env;
    this.level = level;
  }

  write(level: Exclude<LogLevel, "silent">, line: string): void {
    if (LEVELS.indexOf(level) > LEVELS.indexOf(this.level)) return;
    this.#env.log(level, `[SSE] ${new Date(this.#env.now()).toISOString()} ${line}`);
  }
}
