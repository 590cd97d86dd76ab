package io.samband.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PendingQueueTest {
  private final PendingQueue queue = new PendingQueue(10, 1_000);

  private static PendingQueue.Append append(int events, int bytesEach, boolean refusable) {
    var entry = new Store.Entry("a", new byte[bytesEach], null);
    return new PendingQueue.Append(Collections.nCopies(events, entry), refusable);
  }

  private List<PendingQueue.Append> take() throws InterruptedException {
    return queue.take(100, 10_000, 0);
  }

  private PendingQueue.Append put(int events, boolean refusable) {
    var append = append(events, 1, refusable);
    queue.put(append, 0);
    return append;
  }

  @Test
  void whatWaitsIsTakenInOrderInOneGroup() throws InterruptedException {
    var first = put(1, false);
    var second = put(2, true);
    assertThat(take()).containsExactly(first, second);
    assertThat(take()).isEmpty();
  }

  @Test
  void aGroupIsBoundedByEventsAndBytesButNeverEmpty() throws InterruptedException {
    var first = put(2, false);
    var second = put(2, false);
    assertThat(queue.take(3, 10_000, 0)).containsExactly(first);
    var third = put(1, false);
    assertThat(queue.take(100, 1, 0)).containsExactly(second);
    assertThat(queue.take(100, 1, 0)).containsExactly(third);
  }

  @Test
  void whatWasTakenCountsUntilItIsSettled() throws InterruptedException {
    var first = put(10, false);
    take();
    assertThat(queue.health().pending()).isEqualTo(10);
    assertThat(put(1, true).done).isDone();
    queue.settled(first);
    assertThat(queue.health().pending()).isZero();
    assertThat(put(1, true).done).isNotDone();
  }

  @Test
  void bytesAreBoundedToo() {
    var large = append(1, 900, false);
    queue.put(large, 0);
    assertThat(large.done).isNotDone();
    var more = append(1, 200, true);
    queue.put(more, 0);
    assertThat(more.done).isDone();
  }

  @Test
  void aBatchLargerThanTheBoundIsTakenWhenItIsAlone() {
    assertThat(put(50, false).done).isNotDone();
  }

  @Test
  void aPublisherWaitsForRoomWhileTheLogIsHealthy() throws Exception {
    var first = put(10, false);
    var second = append(1, 1, false);
    Thread publisher = new Thread(() -> queue.put(second, TimeUnit.SECONDS.toMillis(15)));
    publisher.start();
    take();
    queue.settled(first);
    publisher.join();
    assertThat(take()).containsExactly(second);
  }

  @Test
  void whatOverflowsIsCountedWhereItStood() throws InterruptedException {
    var first = put(10, false);
    put(2, false);
    put(3, false);
    assertThat(queue.health().lost()).isEqualTo(5);
    assertThat(take()).containsExactly(first);
    queue.settled(first);
    var after = put(1, false);

    var lost = take();
    assertThat(lost).hasSize(1);
    assertThat(lost.get(0).lost()).isEqualTo(5);
    assertThat(take()).containsExactly(after);
  }

  @Test
  void aFailureRefusesWhatMayBeRefusedAndKeepsTheRest() throws InterruptedException {
    var kept = put(2, false);
    var refused = put(3, true);
    queue.problem("broken");
    assertThat(refused.done).isDone();
    assertThat(kept.done).isNotDone();
    assertThat(put(1, true).done).isDone();
    var later = put(1, false);
    assertThat(later.done).as("it waits, but nobody for it").isDone();
    assertThat(queue.health().problem()).isEqualTo("broken");
    assertThat(queue.health().pending()).isEqualTo(3);
    assertThat(take()).containsExactly(kept, later);
    queue.problem(null);
    assertThat(queue.health().isOk()).isTrue();
  }

  @Test
  void whatMayBeRefusedAndWaitsForRoomIsRefusedWhenTheLogFails() throws InterruptedException {
    put(10, true);
    var second = append(1, 1, true);
    Thread publisher = new Thread(() -> queue.put(second, TimeUnit.SECONDS.toMillis(15)));
    publisher.start();
    await().until(() -> publisher.getState() == Thread.State.TIMED_WAITING);
    queue.problem("broken");
    publisher.join();
    assertThat(second.done).isDone();
    assertThat(take()).as("it was refused, so it must not be published").isEmpty();
  }

  @Test
  void aClosedQueueGivesWhatItHasAndTakesNothing() throws InterruptedException {
    var waiting = put(1, false);
    queue.close();
    assertThat(put(1, false).done).isDone();
    assertThat(queue.take(100, 10_000, 10_000)).containsExactly(waiting);
    assertThat(queue.take(100, 10_000, 10_000)).isNull();
    assertThat(queue.health().isOk()).isFalse();
  }
}
