package io.samband.stream;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Output of Open Liberty, whose writes wait for the client, also after {@code isReady()} was true. So a thread of a pool writes, from a
 * small buffer. A client that does not read holds that thread until the server's write timeout.
 */
final class BlockingOutput extends ServletOutput {
  /** With this much in the buffer it takes no more. One write may go beyond it. */
  private static final int FULL_BYTES = 16 * 1024;

  private final Runnable writable;
  private final Consumer<Throwable> broken;
  private final Executor writers;
  private ByteArrayOutputStream buffer = new ByteArrayOutputStream(0);
  private boolean writing;
  private boolean saidFull;
  private boolean failed;
  private boolean closed;
  private boolean ended;

  /** As {@link ServletOutput}; {@code writers} has a thread for every client that does not read. */
  BlockingOutput(
      HttpServletRequest request,
      HttpServletResponse response,
      Runnable writable,
      Consumer<Throwable> broken,
      Executor writers)
      throws IOException {
    super(request, response, writable, broken);
    this.writable = writable;
    this.broken = broken;
    this.writers = writers;
  }

  @Override
  void start() {
    writable.run();
  }

  @Override
  public synchronized boolean isReady() {
    saidFull = buffer.size() >= FULL_BYTES;
    return !saidFull && !failed;
  }

  /** Throws {@link RejectedExecutionException} if there is no thread to write with. */
  @Override
  public synchronized void write(byte[] bytes) {
    // A later event must not reach a client that did not get the one before it.
    if (!failed) {
      buffer.writeBytes(bytes);
      ensureWriter();
    }
  }

  /** The end of a response is a write, too. */
  @Override
  public void close() {
    if (!closedWithWriter()) {
      endOnce();
    }
  }

  /** Whether there is a thread that writes the rest. If not, the rest is dropped: the client asks for it when it comes back. */
  private synchronized boolean closedWithWriter() {
    closed = true;
    try {
      ensureWriter();
      return true;
    } catch (RejectedExecutionException e) {
      buffer = new ByteArrayOutputStream(0);
      return false;
    }
  }

  private void ensureWriter() {
    if (writing) {
      return;
    }
    try {
      writers.execute(this::writeBuffer);
    } catch (Error e) {
      // As an error, it would end all streams of the worker that writes.
      throw new RejectedExecutionException("no thread to write with", e);
    }
    writing = true;
  }

  private void writeBuffer() {
    try {
      for (byte[] bytes = next(); bytes.length > 0; bytes = next()) {
        writeAll(bytes);
      }
    } catch (IOException | RuntimeException | Error e) {
      stop();
      broken.accept(e);
    } finally {
      endOnce();
    }
  }

  private void endOnce() {
    if (isAtItsEnd()) {
      try {
        super.close();
      } catch (IllegalStateException e) {
        broken.accept(e); // The server has ended it before.
      }
    }
  }

  /** What is to be written; empty at the end of the writer. */
  private synchronized byte[] next() {
    byte[] bytes = buffer.toByteArray();
    // A new one, so that an idle stream holds no memory for it.
    buffer = new ByteArrayOutputStream(0);
    if (saidFull) {
      saidFull = false;
      writable.run();
    }
    writing = bytes.length > 0;
    return bytes;
  }

  private synchronized void stop() {
    failed = true;
    writing = false;
    buffer = new ByteArrayOutputStream(0);
  }

  /** True once. */
  private synchronized boolean isAtItsEnd() {
    boolean isNow = closed && !writing && !ended;
    ended |= isNow;
    return isNow;
  }
}
