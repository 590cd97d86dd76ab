package io.samband.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.samband.testing.HeardLoggers;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AnnouncerTest {
  private final List<Object> observed = new CopyOnWriteArrayList<>();
  private final Announcer announcer = new Announcer(this::observe);
  private final BiConsumer<String, String> failing = AnnouncerTest::fail;

  private static void fail(String logger, String line) {
    if (logger.equals(Announcer.class.getName())) {
      throw new IllegalStateException("meant: no line can be written");
    }
  }

  private CompletionStage<?> observe(Object event) {
    observed.add(event);
    if (event.equals("error")) {
      throw new NoClassDefFoundError("meant: a class of the module is missing");
    }
    return CompletableFuture.completedFuture(null);
  }

  @AfterEach
  void close() {
    announcer.close();
    HeardLoggers.forget(failing);
  }

  @Test
  void anErrorOfAnObserverDoesNotEndTheEventsAfterIt() {
    announcer.start();
    announcer.tell(List.of("error", "next"));
    await().until(announcer::isIdle);
    assertThat(observed).containsExactly("error", "next");
  }

  @Test
  void aFailureThatCannotBeLoggedDoesNotEndTheEventsAfterIt() {
    HeardLoggers.listen(failing);
    announcer.start();
    announcer.tell(List.of("error", "next"));
    await().until(announcer::isIdle);
    assertThat(observed).containsExactly("error", "next");
  }
}
