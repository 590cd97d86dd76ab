package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.Http;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Publishes fifty events a second until it is closed. Its threads are its own. */
final class Publishing implements AutoCloseable {
  private final Http http;
  private final ScheduledFuture<?> publishing;
  private final AtomicLong newest = new AtomicLong();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  Publishing(Http http) {
    this.http = http;
    publishing = timer.scheduleAtFixedRate(this::publish, 0, 20, TimeUnit.MILLISECONDS);
  }

  static long publishOne(Http http) {
    String id = http.post("api/sse/events", "{\"type\":\"event_created\",\"data\":{}}")
        .json()
        .asJsonObject()
        .getString("id");
    return Long.parseLong(id.substring(id.indexOf('-') + 1));
  }

  private void publish() {
    newest.set(publishOne(http));
  }

  /** Stops, and says which offset was the last. */
  long stop() {
    assertThat(publishing.isDone()).as("publishing failed").isFalse();
    close();
    return newest.get();
  }

  @Override
  public void close() {
    timer.shutdown();
    try {
      timer.awaitTermination(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
