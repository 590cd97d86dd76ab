package io.samband.concurrent;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes the daemon threads of the log and of the streams, numbered {@code name-1}, {@code name-2} and so on.
 *
 * <p>They are not managed threads: containers interrupt those before the streams are drained and the waiting events are
 * stored, and WildFly's default executor has only four (ADR 6).
 */
public final class NamedThreads implements ThreadFactory {
  private final String name;
  private final AtomicInteger count = new AtomicInteger();

  public NamedThreads(String name) {
    this.name = name;
  }

  @Override
  public Thread newThread(Runnable task) {
    Thread thread = new Thread(task, name + '-' + count.incrementAndGet());
    thread.setDaemon(true);
    return thread;
  }
}
