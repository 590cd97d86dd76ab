package io.samband.log.shared;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FreshHeadTest {
  private final AtomicInteger asked = new AtomicInteger();
  private final Semaphore answers = new Semaphore(0);
  private final FreshHead head = new FreshHead(
      () -> {
        asked.incrementAndGet();
        answers.acquireUninterruptibly();
      },
      Duration.ofMinutes(5));

  @AfterEach
  void close() {
    answers.release(100);
    head.close();
  }

  @Test
  void thoseWhoComeWhileAQuestionIsUnderWayShareTheNextOne() {
    CompletableFuture<Void> first = CompletableFuture.runAsync(head::await);
    await().atMost(30, SECONDS).until(() -> asked.get() == 1);
    // The answer that is under way may have been given before they came.
    List<Thread> late = Stream.generate(() -> new Thread(head::await)).limit(10).toList();
    late.forEach(Thread::start);
    await().atMost(30, SECONDS).until(() -> late.stream().allMatch(FreshHeadTest::isWaiting));
    answers.release();
    first.join();
    await().atMost(30, SECONDS).until(() -> asked.get() == 2);
    assertThat(late).allMatch(Thread::isAlive);
    answers.release();
    await().atMost(30, SECONDS).until(() -> late.stream().noneMatch(Thread::isAlive));
    assertThat(asked).hasValue(2);
  }

  private static boolean isWaiting(Thread thread) {
    return thread.getState() == Thread.State.TIMED_WAITING;
  }
}
