package io.samband.stream;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.Executor;
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
    return !saidFull;
  }

  @Override
  public synchronized void write(byte[] bytes) {
    buffer.writeBytes(bytes);
    ensureWriter();
  }

  /** The end of a response is a write, too. */
  @Override
  public synchronized void close() {
    closed = true;
    ensureWriter();
  }

  private void ensureWriter() {
    if (!writing) {
      writing = true;
      writers.execute(this::writeBuffer);
    }
  }

  private void writeBuffer() {
    try {
      for (byte[] bytes = next(); bytes.length > 0; bytes = next()) {
        writeAll(bytes);
      }
    } catch (IOException | RuntimeException e) {
      stop();
      broken.accept(e);
    }
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
