package io.samband.stream;

import io.samband.stream.fanout.StreamOutput;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Non-blocking output of a container (Servlet 6.0, section 5.7.3).
 *
 * <p>Used by the worker's thread (ADR 18). Between a false {@link #isReady()} and {@code onWritePossible} the container may use
 * the response in a thread of its own; the worker does nothing with it then, except to close it.
 */
class ServletOutput implements StreamOutput, WriteListener, AsyncListener {
  private final AsyncContext context;
  private final ServletOutputStream out;
  private final boolean flushes;
  private final Runnable writable;
  private final Consumer<Throwable> broken;
  private boolean unflushed;

  /**
   * @param writable told when the output takes bytes, the first time included
   * @param broken told when the client is gone
   */
  ServletOutput(
      HttpServletRequest request,
      HttpServletResponse response,
      Runnable writable,
      Consumer<Throwable> broken)
      throws IOException {
    this.context = request.getAsyncContext();
    this.writable = writable;
    this.broken = broken;
    boolean framed = !"HTTP/1.1".equals(request.getProtocol());
    if (!framed) {
      // The stream ends with its connection, so no chunks are needed where the container can do
      // without.
      response.setHeader("Connection", "close");
    }
    // A container that takes 0 hands every write to the socket. One that has a buffer all the same
    // keeps the end of a write in it until it is flushed; the smallest buffer is the cheapest. Over
    // HTTP/2 the frame itself is such a buffer.
    response.setBufferSize(0);
    this.flushes = framed || response.getBufferSize() > 0;
    this.out = response.getOutputStream();
    context.setTimeout(0);
    context.addListener(this);
  }

  /** From now on the container may call back. */
  void start() {
    out.setWriteListener(this);
  }

  @Override
  public boolean isReady() throws IOException {
    if (!out.isReady()) {
      return false;
    }
    if (unflushed) {
      unflushed = false;
      out.flush();
    }
    return out.isReady();
  }

  @Override
  public void write(byte[] bytes) throws IOException {
    out.write(bytes, 0, bytes.length);
    // A flush is a write: it, too, must wait until the output is ready.
    unflushed = flushes;
  }

  /** Returns when the socket has taken the bytes. Without a listener for writing. */
  final void writeAll(byte[] bytes) throws IOException {
    out.write(bytes, 0, bytes.length);
    out.flush();
  }

  @Override
  public void close() {
    context.complete();
  }

  @Override
  public void onWritePossible() {
    writable.run();
  }

  @Override
  public void onError(Throwable cause) {
    broken.accept(cause);
  }

  @Override
  public void onError(AsyncEvent event) {
    broken.accept(event.getThrowable());
  }

  @Override
  public void onComplete(AsyncEvent event) {
    broken.accept(null);
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    broken.accept(null);
  }

  @Override
  public void onStartAsync(AsyncEvent event) {
    // This request is asynchronous already and never becomes so again.
  }
}
