package io.samband.concurrent;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.testing.HeardLoggers;
import java.text.MessageFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NotifierTest {
  private final List<Integer> run = new CopyOnWriteArrayList<>();

  @Test
  void noticesAreRunInTheOrderInWhichTheyCame() {
    try (Notifier notifier = new Notifier()) {
      IntStream.range(0, 1_000).forEach(i -> notifier.tell(() -> run.add(i)));
    }
    assertThat(run).hasSize(1_000).isSorted();
  }

  @Test
  void aNoticeThatFailsDoesNotEndTheOthers() {
    try (Notifier notifier = new Notifier()) {
      notifier.tell(() -> {
        throw new NoClassDefFoundError("meant");
      });
      notifier.tell(() -> run.add(1));
    }
    assertThat(run).containsExactly(1);
  }

  private static void fail(String logger, String line) {
    if (logger.equals(Notifier.class.getName())) {
      throw new IllegalStateException("meant: no line can be written");
    }
  }

  @Test
  void aLogHandlerThatFailsDoesNotEndTheNotices() throws InterruptedException {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch failed = new CountDownLatch(1);
    BiConsumer<String, String> failing = NotifierTest::fail;
    HeardLoggers.listen(failing);
    try (Notifier notifier = new Notifier(1, (logger, level, message, values) -> {
      failed.countDown();
      throw new IllegalStateException("meant: no line can be written");
    })) {
      notifier.tell(() -> {
        started.countDown();
        awaitUninterruptibly(blocked);
        throw new IllegalStateException("meant: this cannot be logged either");
      });
      started.await();
      IntStream.range(0, 3).forEach(i -> notifier.tell(() -> run.add(i)));
      blocked.countDown();
      // The line about those that were dropped.
      assertThat(failed.await(10, SECONDS)).isTrue();
      await().until(() -> run.contains(0));
      notifier.tell(() -> run.add(3));
    } finally {
      HeardLoggers.forget(failing);
    }
    assertThat(run).containsExactly(0, 3);
  }

  @Test
  void noticesThatOverflowAreDroppedCountedAndReported() throws InterruptedException {
    List<String> lines = new CopyOnWriteArrayList<>();
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch blocked = new CountDownLatch(1);
    try (Notifier notifier = new Notifier(
        2, (logger, level, message, values) -> lines.add(MessageFormat.format(message, values)))) {
      notifier.tell(() -> {
        started.countDown();
        awaitUninterruptibly(blocked);
      });
      started.await();
      IntStream.range(0, 5).forEach(i -> notifier.tell(() -> run.add(i)));
      blocked.countDown();
      await().until(() -> !lines.isEmpty());
    }
    assertThat(run).containsExactly(0, 1);
    assertThat(lines.get(0)).contains("[SSE] notices dropped count=3");
  }

  @Test
  void aNoticeThatBlocksForEverDoesNotKeepANodeFromStopping() {
    CountDownLatch never = new CountDownLatch(1);
    Notifier notifier = new Notifier();
    notifier.tell(() -> awaitUninterruptibly(never));
    notifier.close();
    never.countDown();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    while (true) {
      try {
        latch.await();
        return;
      } catch (InterruptedException e) {
        // A blocked standard output cannot be interrupted either.
      }
    }
  }
}
