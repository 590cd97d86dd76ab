/**
 * The engine that keeps the log on a Redis or Valkey server. Whatever changes the log is one Lua script, so that it happens as
 * a whole or not at all; readers see only what enough replicas have.
 */
package io.samband.log.redis;
