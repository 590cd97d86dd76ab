package io.samband.log.pending;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import io.samband.log.EventLog;
import io.samband.log.FakeDisk;
import io.samband.testing.HeardLoggers;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A log handler that does not return, for example because nothing reads the standard output. */
class BlockedLogHandlerTest {
  private final FakeDisk disk = new FakeDisk();
  private final EventLog log = disk.open(1_000_000, 10_000);
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final CountDownLatch goesOn = new CountDownLatch(1);
  private final BiConsumer<String, String> handler = this::block;

  @AfterEach
  void close() {
    goesOn.countDown();
    HeardLoggers.forget(handler);
    disk.hang(false);
    log.close();
  }

  @Test
  void publishersAreToldThatTheLogFailsBeforeItIsLogged() {
    HeardLoggers.listen(handler);
    disk.hang(true);

    assertThat(published()).isInstanceOf(PublishOutcome.Unknown.class);
    assertThat(log.health().isOk()).isFalse();
    assertThat(published()).isInstanceOf(PublishOutcome.Refused.class);
    await().until(() -> lines.equals(List.of("[SSE] event log fails: {0}")));
  }

  @Test
  void theLogCountsAsFailingUntilItIsLoggedThatItWorksAgain() {
    HeardLoggers.listen(handler);
    disk.hang(true);
    var unknown = published();
    await().until(() -> lines.size() == 1);
    disk.hang(false);
    await().until(() -> lines.size() == 2);

    assertThat(unknown).isInstanceOf(PublishOutcome.Unknown.class);
    assertThat(lines.get(1)).contains("works again");
    assertThat(published()).isInstanceOf(PublishOutcome.Refused.class);
    goesOn.countDown();
    await().until(() -> log.health().isOk());
    assertThat(published()).isInstanceOf(PublishOutcome.Durable.class);
  }

  private PublishOutcome published() {
    return log.appendNow(SSEEvent.of("a", null), null)
        .toCompletableFuture()
        .orTimeout(10, TimeUnit.SECONDS)
        .join();
  }

  private void block(String logger, String line) {
    if (!logger.startsWith(PendingEventLog.class.getPackageName())) {
      return;
    }
    lines.add(line);
    boolean waits = true;
    while (waits) {
      try {
        goesOn.await();
        waits = false;
      } catch (InterruptedException e) {
        // A blocked standard output cannot be interrupted either.
      }
    }
  }
}
