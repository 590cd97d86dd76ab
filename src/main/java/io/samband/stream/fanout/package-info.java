/**
 * The delivery engine. A subscriber is a cursor in the event log and not a queue: the bytes of an event exist once, and a
 * subscriber whose output takes bytes gets everything from its cursor on. Knows no HTTP and no JAX-RS; tests run it without a
 * server.
 */
package io.samband.stream.fanout;
