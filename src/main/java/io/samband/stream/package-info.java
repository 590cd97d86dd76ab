/**
 * The HTTP edge of the streams: the resource, the admission of clients, the broadcaster of the standard API, and non-blocking servlet
 * output. The only package that knows {@code jakarta.ws.rs.sse} and servlet output.
 */
package io.samband.stream;
