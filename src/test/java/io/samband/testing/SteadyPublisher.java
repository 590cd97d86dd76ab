package io.samband.testing;

import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Posts events one after the other, numbered in their data, and each with an {@code Idempotency-Key} until it is
 * acknowledged: through restarts, so that in the end the log must have each of them once, in order.
 */
public final class SteadyPublisher implements AutoCloseable {
  private static final int ATTEMPTS_AFTER_THE_END = 100;

  /** More events than this get answers that are no longer compared with the documents. */
  private static final int MAX_CHECKED = 100;

  private final Http http;
  private final Http unchecked;
  private final String type;
  private final Duration pause;
  private final boolean makesUp;
  private final AtomicLong acknowledged = new AtomicLong();
  private final List<String> ids = new ArrayList<>();
  private final Map<String, Integer> answers = new TreeMap<>();
  private final Thread thread = new Thread(this::run, "steady-publisher");
  private volatile boolean done;
  private volatile RuntimeException failure;

  /** Publishes from now on, with a pause after each acknowledgement. */
  public static SteadyPublisher to(URI base, Duration pause) {
    return to(base, "steady", pause);
  }

  /** As above, events of this type. */
  public static SteadyPublisher to(URI base, String type, Duration pause) {
    return started(new SteadyPublisher(base, type, pause, false));
  }

  /** Publishes so many events a second: after a slow answer the next ones follow without a pause. */
  public static SteadyPublisher atRate(URI base, String type, int perSecond) {
    Duration interval = Duration.ofSeconds(1).dividedBy(perSecond);
    return started(new SteadyPublisher(base, type, interval, true));
  }

  private static SteadyPublisher started(SteadyPublisher publisher) {
    publisher.thread.setDaemon(true);
    publisher.thread.start();
    return publisher;
  }

  private SteadyPublisher(URI base, String type, Duration pause, boolean makesUp) {
    http = new Http(base);
    unchecked = http.unchecked();
    this.type = type;
    this.pause = pause;
    this.makesUp = makesUp;
  }

  public String type() {
    return type;
  }

  /** How many are acknowledged so far: their data is 1, 2, 3 … */
  public long acknowledged() {
    return acknowledged.get();
  }

  /** The ids that were acknowledged, in order. */
  public synchronized List<String> ids() {
    return List.copyOf(ids);
  }

  /** The answers so far, by status and content type; {@code none} where there was no connection. */
  public synchronized Map<String, Integer> answers() {
    return new TreeMap<>(answers);
  }

  @Override
  public void close() {
    stop();
  }

  /** Stops after the one that is on its way. Fails with what has ended it before, if something has. */
  public void finish() {
    stop();
    if (failure != null) {
      throw failure;
    }
  }

  private void stop() {
    done = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      publishAll();
    } catch (RuntimeException | AssertionError e) {
      failure = new IllegalStateException(type + " ended after " + acknowledged, e);
    }
  }

  private void publishAll() {
    long due = System.nanoTime();
    while (!done) {
      long number = acknowledged.get() + 1;
      String id = publish(number, UUID.randomUUID().toString());
      if (id != null) {
        synchronized (this) {
          ids.add(id);
        }
        acknowledged.set(number);
        due = (makesUp ? due : System.nanoTime()) + pause.toNanos();
        sleep(Duration.ofNanos(Math.max(0, due - System.nanoTime())));
      }
    }
  }

  private String publish(long number, String key) {
    int left = ATTEMPTS_AFTER_THE_END;
    while (left > 0) {
      String answer;
      try {
        Http.Answer response = (number > MAX_CHECKED ? unchecked : http)
            .post(
                "api/sse/events",
                "{\"type\":\"" + type + "\",\"data\":" + number + "}",
                "Idempotency-Key",
                key);
        if (response.status() == 202) {
          count("202");
          return response.json().asJsonObject().getString("id");
        }
        answer = response.status() + " " + response.header("Content-Type");
      } catch (UncheckedIOException e) {
        answer = "none";
      }
      count(answer);
      // Even when it is to end: whether this one was stored is unknown until it is acknowledged.
      sleep(Duration.ofMillis(50));
      left -= done ? 1 : 0;
    }
    return null;
  }

  private synchronized void count(String answer) {
    answers.merge(answer, 1, Integer::sum);
  }

  private static void sleep(Duration time) {
    try {
      TimeUnit.NANOSECONDS.sleep(time.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
