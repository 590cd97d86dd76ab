/**
 * Live delivery. A subscriber is a cursor in the event log, not a queue: the bytes of an event exist once, and whoever can
 * take bytes gets everything from its cursor on. The only package that knows {@code jakarta.ws.rs.sse} and servlet output.
 */
package io.samband.stream;
