package io.samband.log.h2;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import io.samband.log.EventFilter;
import io.samband.log.EventLog;
import io.samband.log.LoggedEvent;
import io.samband.log.Page;
import io.samband.log.Retention;
import io.samband.log.pending.PendingEventLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file system that is really full. Needs the right to mount one. */
class FullDiskTest {
  @TempDir
  Path dir;

  private boolean mounted;

  @BeforeEach
  void mount() {
    mounted = run("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", dir.toString()) == 0;
    assumeTrue(mounted, "not allowed to mount a file system");
  }

  @AfterEach
  void unmount() {
    if (mounted) {
      run("umount", "-l", dir.toString());
    }
  }

  @Test
  void everythingFlowsOnInOrderOnceThereIsRoomAgain() throws Exception {
    var retention = new Retention(1_000_000, 1L << 40, 1L << 40);
    var log = new PendingEventLog(
        new H2Engine(dir.resolve("log"), false, retention), 10_000, 500, Duration.ofMillis(200));
    Path ballast = dir.resolve("ballast");
    Files.write(ballast, new byte[2 << 20]);
    long acknowledged = fill(log);

    assertThat(log.health().isOk()).isFalse();
    assertThat(get(log.appendNow(event("http", 10), null)))
        .isNotInstanceOf(PublishOutcome.Durable.class);
    for (int i = 0; i < 5; i++) {
      var unused = log.append(List.of(event("waits_" + i, 10)));
    }
    assertThat(log.health().pending()).isGreaterThanOrEqualTo(5);

    Files.delete(ballast);
    await().atMost(30, SECONDS).until(() -> log.health().isOk());
    var last = ((PublishOutcome.Durable) get(log.append(List.of(event("last", 10)))))
        .ids()
        .get(0);
    // Whoever waits for the append is told a moment before it is counted off.
    await().atMost(5, SECONDS).until(() -> log.health().pending() == 0);
    assertThat(log.health().lost()).isZero();
    // All that was acknowledged, the one or two that found the disk full and were kept, those that
    // waited, and the last.
    assertThat(last.offset()).isGreaterThanOrEqualTo(acknowledged + 6);
    Page page = log.read(last.offset() - 6, EventFilter.ALL, 1_000, 1 << 20);
    assertThat(page.events())
        .extracting(LoggedEvent::type)
        .containsExactly("waits_0", "waits_1", "waits_2", "waits_3", "waits_4", "last");
    log.close();

    var again = new PendingEventLog(
        new H2Engine(dir.resolve("log"), false, retention), 10, 500, Duration.ofMillis(200));
    assertThat(again.state().newest()).isEqualTo(last.offset());
    assertThat(again.state().oldest()).isEqualTo(1);
    again.close();
  }

  /** Appends until the disk is full, and tells how many were acknowledged. */
  private static long fill(EventLog log) throws InterruptedException, ExecutionException {
    for (long acknowledged = 0; ; acknowledged++) {
      if (!(get(log.append(List.of(event("a", 60_000)))) instanceof PublishOutcome.Durable)) {
        return acknowledged;
      }
    }
  }

  private static SSEEvent event(String type, int bytes) {
    return new SSEEvent(type, '"' + "x".repeat(bytes) + '"', Instant.now());
  }

  private static <T> T get(CompletionStage<T> stage)
      throws InterruptedException, ExecutionException {
    return stage.toCompletableFuture().orTimeout(10, SECONDS).get();
  }

  private static int run(String... command) {
    try {
      return new ProcessBuilder(command).start().waitFor();
    } catch (IOException e) {
      return -1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    }
  }
}
