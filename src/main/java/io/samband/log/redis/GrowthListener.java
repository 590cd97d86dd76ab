package io.samband.log.redis;

import io.samband.concurrent.Backoff;
import io.samband.concurrent.NamedThreads;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Hears that other nodes have appended, on a connection and a thread of its own. A message may get lost: the log is the truth,
 * and whoever waits here looks at it in any case.
 */
final class GrowthListener {
  private static final System.Logger LOG = System.getLogger(GrowthListener.class.getName());

  private static final int ANSWER_MILLIS = 2_000;

  /** A subscription is asked for a sign of life so often, and given up if there was none for three times as long. */
  private static final long PING_NANOS = TimeUnit.SECONDS.toNanos(3);

  private static final int QUIET_MILLIS = 9_000;

  private final Primary primary;
  private final String channel;
  private final String sender;
  private final Backoff backoff = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(5));
  private final Object waiting = new Object();
  private boolean grown;
  private boolean closed;
  private final Thread thread = new NamedThreads("samband-log-listener").newThread(this::listen);
  private volatile Jedis connection;
  private volatile Subscription subscription;
  private long pingedNanos = System.nanoTime();

  private final class Subscription extends JedisPubSub {
    @Override
    public void onSubscribe(String name, int channels) {
      if (isClosed()) {
        unsubscribe();
        return;
      }
      backoff.reset();
      subscription = this;
      // What was told before, nobody has heard.
      grown();
    }

    @Override
    public void onMessage(String name, String message) {
      // What this node appends it knows without asking.
      if (!message.equals(sender)) {
        grown();
      }
    }
  }

  /**
   * Begins to listen.
   *
   * @param channel where growth is told
   * @param sender how this node names itself there
   */
  GrowthListener(Primary primary, String channel, String sender) {
    this.primary = primary;
    this.channel = channel;
    this.sender = sender;
    thread.start();
  }

  /** Waits until another node has told of growth since the last call, or the time is over. */
  void await(long maxMillis) {
    ping();
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(maxMillis);
    synchronized (waiting) {
      try {
        long left = maxMillis;
        while (!grown && !closed && left > 0) {
          waiting.wait(left);
          left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      grown = false;
    }
  }

  private void grown() {
    synchronized (waiting) {
      grown = true;
      waiting.notifyAll();
    }
  }

  private void ping() {
    Subscription now = subscription;
    if (now == null || System.nanoTime() - pingedNanos < PING_NANOS) {
      return;
    }
    pingedNanos = System.nanoTime();
    try {
      now.ping();
    } catch (JedisException e) {
      LOG.log(Level.DEBUG, () -> "[SSE] the connection that listens is broken: " + e.getMessage());
    }
  }

  private void listen() {
    while (!isClosed()) {
      try (Jedis server = primary.connect(primary.find(), ANSWER_MILLIS, QUIET_MILLIS)) {
        connection = server;
        if (!isClosed()) {
          server.subscribe(new Subscription(), channel);
        }
      } catch (RuntimeException e) {
        LOG.log(
            Level.DEBUG, () -> "[SSE] not told of growth until connected again: " + e.getMessage());
      }
      subscription = null;
      pause();
    }
  }

  /** At random, so that the nodes do not all come back at once. */
  private void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextLong(backoff.nextMillis()) + 1);
    } catch (InterruptedException e) {
      // Only close() interrupts this thread.
      Thread.currentThread().interrupt();
    }
  }

  private boolean isClosed() {
    synchronized (waiting) {
      return closed;
    }
  }

  /** Ends the thread, and whoever waits. */
  void close() {
    synchronized (waiting) {
      closed = true;
      waiting.notifyAll();
    }
    Jedis open = connection;
    if (open != null) {
      try {
        // Not disconnect(): it writes first, and fails when the thread closes the connection, too.
        open.getClient().forceDisconnect();
      } catch (IOException e) {
        LOG.log(Level.DEBUG, () -> "[SSE] the connection that listens: " + e.getMessage());
      }
    }
    thread.interrupt();
    try {
      thread.join(ANSWER_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
