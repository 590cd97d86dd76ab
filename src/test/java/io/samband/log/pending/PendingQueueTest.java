package io.samband.log.pending;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.event.Audience;
import io.samband.event.PublishOutcome;
import io.samband.log.Entry;
import io.samband.log.LogHealth;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PendingQueueTest {
  private final PendingQueue queue = new PendingQueue(10, 1_000);

  private static Publication publication(int events, int bytesEach, boolean refusable) {
    var entry = new Entry("a", Audience.EVERYBODY, new byte[bytesEach], null);
    return new Publication(Collections.nCopies(events, entry), refusable);
  }

  private List<Publication> take() throws InterruptedException {
    return queue.take(100, 10_000, 0);
  }

  private Publication put(int events, boolean refusable) {
    var publication = publication(events, 1, refusable);
    queue.put(publication);
    return publication;
  }

  private Thread putInLine(Publication publication) {
    Thread publisher = new Thread(() -> queue.put(publication));
    publisher.start();
    await().until(() -> publisher.getState() == Thread.State.WAITING);
    return publisher;
  }

  @Test
  void whatWaitsIsTakenInOrderAndGivenAgainUntilItIsSettled() throws InterruptedException {
    var first = put(1, false);
    var second = put(2, true);
    assertThat(take()).containsExactly(first, second);
    assertThat(take()).containsExactly(first, second);
    queue.settled();
    assertThat(take()).isEmpty();
    assertThat(queue.health(0).pending()).isZero();
  }

  @Test
  void aGroupIsBoundedByEventsAndBytesButNeverEmpty() throws InterruptedException {
    var first = put(2, false);
    var second = put(2, false);
    var third = put(1, false);
    assertThat(queue.take(3, 10_000, 0)).containsExactly(first);
    queue.settled();
    assertThat(queue.take(100, 1, 0)).containsExactly(second);
    queue.settled();
    assertThat(queue.take(100, 1, 0)).containsExactly(third);
  }

  @Test
  void publishersGetRoomInTheOrderInWhichTheyCame() throws InterruptedException {
    put(10, false);
    List<Publication> line = new ArrayList<>();
    List<Thread> publishers = new ArrayList<>();
    for (int events : new int[] {8, 1, 5, 50, 1}) {
      line.add(publication(events, 1, false));
      publishers.add(putInLine(line.get(line.size() - 1)));
    }
    take();
    queue.settled();
    assertThat(take())
        .as("the third does not fit, and the last must not overtake it")
        .containsExactly(line.get(0), line.get(1));
    queue.settled();
    assertThat(take()).containsExactly(line.get(2));
    queue.settled();
    assertThat(take()).as("larger than the bound: alone").containsExactly(line.get(3));
    queue.settled();
    assertThat(take()).containsExactly(line.get(4));
    for (Thread publisher : publishers) {
      publisher.join();
    }
  }

  @Test
  void bytesAreBoundedToo() throws InterruptedException {
    queue.put(publication(1, 900, false));
    Thread publisher = putInLine(publication(1, 200, false));
    take();
    queue.settled();
    publisher.join();
  }

  @Test
  void aFailureRefusesWhatMayBeRefusedAndKeepsTheRest() throws InterruptedException {
    var inStore = put(1, true);
    take();
    var kept = put(2, false);
    var refused = put(3, true);
    queue.failing("broken");
    assertThat(inStore.outcome).isCompletedWithValue(new PublishOutcome.Unknown("broken"));
    assertThat(refused.outcome).isCompletedWithValue(new PublishOutcome.Refused("broken"));
    assertThat(kept.outcome).isCompletedWithValue(new PublishOutcome.Waiting("broken"));
    assertThat(put(1, true).outcome).isCompletedWithValue(new PublishOutcome.Refused("broken"));
    var later = put(1, false);
    assertThat(later.outcome).isCompletedWithValue(new PublishOutcome.Waiting("broken"));
    assertThat(queue.health(0).problem()).isEqualTo("broken");
    assertThat(queue.health(0).pending()).isEqualTo(4);
    queue.settled();
    assertThat(take()).containsExactly(kept, later);
    queue.working();
    LogHealth health = queue.health(7);
    assertThat(health)
        .isEqualTo(new LogHealth(LogHealth.Status.OK, 0, null, 3, health.waitingMillis(), 0, 7));
  }

  @Test
  void aQueueThatIsClosedSaysSinceWhen() {
    queue.close();
    await().until(() -> queue.health(0).sinceMillis() >= 20);
    queue.abandon();
    assertThat(queue.health(0).sinceMillis()).as("not counted anew").isGreaterThanOrEqualTo(20);
    assertThat(queue.health(0).status()).isEqualTo(LogHealth.Status.FAILING);
  }

  @Test
  void theWaitOfTheOldestEventEndsWhenItIsStored() throws InterruptedException {
    assertThat(queue.health(0).waitingMillis()).isZero();
    put(1, false);
    await().until(() -> queue.health(0).waitingMillis() >= 20);
    take();
    assertThat(queue.health(0).waitingMillis()).as("not stored yet").isGreaterThanOrEqualTo(20);
    queue.settled();
    assertThat(queue.health(0).waitingMillis()).isZero();
  }

  @Test
  void aFailureEndsTheLineAndKeepsWhatFitsInOrder() throws InterruptedException {
    put(8, true);
    take();
    put(2, true);
    var refused = publication(1, 1, true);
    Thread first = putInLine(refused);
    var fits = publication(2, 1, false);
    Thread second = putInLine(fits);
    var lost = publication(3, 1, false);
    Thread third = putInLine(lost);
    queue.failing("broken");
    first.join();
    second.join();
    third.join();
    assertThat(refused.outcome).isCompletedWithValue(new PublishOutcome.Refused("broken"));
    assertThat(fits.outcome).isCompletedWithValue(new PublishOutcome.Waiting("broken"));
    assertThat(lost.outcome).isCompletedWithValue(new PublishOutcome.Lost("broken"));
    assertThat(queue.health(0).lost()).isEqualTo(3);
  }

  @Test
  void aLossKeepsItsPlaceAndComesFirstInItsGroup() throws InterruptedException {
    var kept = put(10, false);
    queue.failing("broken");
    put(2, false);
    put(3, false);
    assertThat(take()).containsExactly(kept);
    queue.settled();
    var after = put(1, false);

    List<Publication> group = take();
    assertThat(group).hasSize(2);
    assertThat(group.get(0).lost).isEqualTo(5);
    assertThat(group.get(1)).isSameAs(after);
  }

  @Test
  void aClosedQueueGivesWhatItHasAndTakesNothing() throws InterruptedException {
    var waiting = put(10, false);
    var inLine = publication(1, 1, false);
    Thread publisher = putInLine(inLine);
    queue.close();
    assertThat(put(1, false).outcome.join()).isInstanceOf(PublishOutcome.Lost.class);
    assertThat(put(1, true).outcome.join()).isInstanceOf(PublishOutcome.Refused.class);
    assertThat(take()).containsExactly(waiting);
    queue.settled();
    publisher.join();
    assertThat(take()).containsExactly(inLine);
    queue.settled();
    assertThat(take()).isNull();
    assertThat(queue.health(0).isOk()).isFalse();
  }

  @Test
  void anAbandonedQueueLeavesNobodyWaiting() throws InterruptedException {
    var inStore = put(10, false);
    take();
    var inLine = publication(1, 1, false);
    Thread publisher = putInLine(inLine);
    assertThat(queue.abandon()).isEqualTo(11);
    publisher.join();
    assertThat(inStore.outcome.join()).isInstanceOf(PublishOutcome.Unknown.class);
    assertThat(inLine.outcome.join()).isInstanceOf(PublishOutcome.Lost.class);
    assertThat(queue.abandon()).isZero();
  }
}
