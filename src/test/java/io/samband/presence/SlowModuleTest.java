package io.samband.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.event.SubscriberArrived;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What modules do with the events that they are told of. */
class SlowModuleTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final FakeStreams streams = new FakeStreams().with(1, "kari");
  private final List<String> told = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Void> first = new CompletableFuture<>();
  private final Presence presence = new Presence(
      "a",
      "node-a",
      streams,
      new SingleNode("a", "node-a"),
      Duration.ZERO,
      Duration.ofSeconds(1),
      this::observe);

  private CompletionStage<?> observe(Object event) {
    told.add(event instanceof SubscriberArrived it ? "+" + it.user() : "-");
    return told.size() == 1 ? first : CompletableFuture.completedFuture(null);
  }

  @AfterEach
  void close() {
    presence.close();
  }

  @Test
  void theNextEventIsFiredWhenTheLastHasBeenObservedAndWhatCancelsOutMeanwhileIsNotTold() {
    presence.start();
    await().atMost(LIMIT).until(() -> told.equals(List.of("+kari")));
    streams.with(2, "olav").with(3, "per");
    awaitBeats(3);
    streams.without(3);
    awaitBeats(2);
    streams.with(4, "eva");
    // The list does not wait for modules.
    await().atMost(LIMIT).until(() -> presence.view().complete());
    assertThat(told).containsExactly("+kari");
    first.complete(null);
    await().atMost(LIMIT).until(() -> told.size() >= 3);
    // Per has come and gone meanwhile.
    assertThat(told).containsExactlyInAnyOrder("+kari", "+olav", "+eva");
  }

  @Test
  void anObserverThatFailsIsToldOfWhatComesNext() {
    presence.start();
    first.completeExceptionally(new IllegalStateException("meant: this module fails"));
    await().atMost(LIMIT).until(() -> told.equals(List.of("+kari")));
    streams.with(2, "olav");
    await().atMost(LIMIT).until(() -> told.equals(List.of("+kari", "+olav")));
  }

  /** The clock of the store moves on with each look. */
  private void awaitBeats(int beats) {
    for (int i = 0; i < beats; i++) {
      var before = presence.view().asOf();
      await().atMost(LIMIT).until(() -> presence.view().asOf().isAfter(before));
    }
  }
}
