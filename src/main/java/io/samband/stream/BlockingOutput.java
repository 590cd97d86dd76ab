package io.samband.stream;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Output of Open Liberty, whose writes wait for the client, also after {@code isReady()} was true. So a thread of a pool writes, from a
 * small buffer. A client that does not read holds that thread until the server's write timeout.
 */
final class BlockingOutput extends ServletOutput {
  /** With this much in the buffer it takes no more. One write may go beyond it. */
  private static final int FULL_BYTES = 16 * 1024;

  /**
   * For so long after the end a write that is under way may take, or the rest is dropped. A stream ends a quarter of a second before its
   * identity expires.
   */
  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final Runnable writable;
  private final Consumer<Throwable> broken;
  private final Executor writers;
  private final LongSupplier nanoTime;
  private ByteArrayOutputStream buffer = new ByteArrayOutputStream(0);
  private boolean writing;
  private boolean saidFull;
  private boolean failed;
  private boolean inWrite;
  private boolean closed;
  private long closedNanos;
  private boolean ended;

  /**
   * As {@link ServletOutput}.
   *
   * @param writers has a thread for every client that does not read
   */
  BlockingOutput(
      HttpServletRequest request,
      HttpServletResponse response,
      Runnable writable,
      Consumer<Throwable> broken,
      Executor writers,
      LongSupplier nanoTime)
      throws IOException {
    super(request, response, writable, broken);
    this.writable = writable;
    this.broken = broken;
    this.writers = writers;
    this.nanoTime = nanoTime;
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
    if (!closed) {
      closed = true;
      closedNanos = nanoTime.getAsLong();
    }
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
    byte[] bytes = hasStalled() ? new byte[0] : buffer.toByteArray();
    // A new one, so that an idle stream holds no memory for it.
    buffer = new ByteArrayOutputStream(0);
    if (saidFull) {
      saidFull = false;
      writable.run();
    }
    writing = bytes.length > 0;
    inWrite = writing;
    return bytes;
  }

  /** Whether its client did not read when the stream ended. A writer that only started late says nothing about the client. */
  private boolean hasStalled() {
    return closed && inWrite && nanoTime.getAsLong() - closedNanos > REST_NANOS;
  }

  private synchronized void stop() {
    failed = true;
    writing = false;
    inWrite = false;
    buffer = new ByteArrayOutputStream(0);
  }

  /** True once. */
  private synchronized boolean isAtItsEnd() {
    boolean isNow = closed && !writing && !ended;
    ended |= isNow;
    return isNow;
  }
}
