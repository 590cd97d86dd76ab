package io.samband.stream.fanout;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * An output that is ready, not ready or broken, as the test says; and that breaks the test if it is used in a way that the
 * Servlet API forbids.
 */
final class ScriptedOutput implements StreamOutput {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final List<String> violations = new ArrayList<>();
  private Runnable onWritable = () -> {};
  private Runnable duringWrite = () -> {};
  private boolean full = true;
  private boolean mustTell;
  private boolean broken;
  private boolean closed;
  private int takes;
  private final List<String> eachWrite = new ArrayList<>();

  void onWritable(Runnable listener) {
    onWritable = listener;
  }

  /** Takes so many writes, then is full. What was ready stays ready for one write: only a write can fill a socket. */
  void takeWrites(int count) {
    boolean tell;
    synchronized (this) {
      takes = full ? count : Math.max(1, count);
      full = takes == 0;
      tell = mustTell && !full;
      mustTell &= full;
    }
    if (tell) {
      onWritable.run();
    }
  }

  /** What happens elsewhere while the next write is under way. */
  synchronized void duringNextWrite(Runnable event) {
    duringWrite = event;
  }

  void takeEverything() {
    takeWrites(Integer.MAX_VALUE);
  }

  synchronized void breakDown() {
    broken = true;
  }

  /** As a container does when a stream has begun. */
  void start() {
    boolean tell;
    synchronized (this) {
      tell = !full;
      mustTell = full;
    }
    if (tell) {
      onWritable.run();
    }
  }

  @Override
  public synchronized boolean isReady() {
    mustTell |= full;
    return !full;
  }

  @Override
  public synchronized void write(byte[] bytes) throws IOException {
    if (closed) {
      violations.add("written after the end");
    }
    if (full) {
      violations.add("written while not ready");
    }
    if (broken) {
      throw new IOException("Connection is closed");
    }
    Runnable event = duringWrite;
    duringWrite = () -> {};
    event.run();
    written.writeBytes(bytes);
    eachWrite.add(new String(bytes, StandardCharsets.UTF_8));
    takes--;
    full = takes <= 0;
  }

  @Override
  public synchronized void close() {
    closed = true;
  }

  synchronized boolean isClosed() {
    return closed;
  }

  synchronized int writes() {
    return eachWrite.size();
  }

  /** What was written, write by write. */
  synchronized List<String> eachWrite() {
    return List.copyOf(eachWrite);
  }

  synchronized List<String> violations() {
    return List.copyOf(violations);
  }

  synchronized String text() {
    return written.toString(StandardCharsets.UTF_8);
  }
}
