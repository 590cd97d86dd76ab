package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.Log;
import io.samband.testing.OutsideModule;
import io.samband.testing.RawStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a module of another team fires in a transaction of the server is pushed with the commit, and never without it. {@link
 * TransactionIT} says more about it, from within the two servers that Arquillian can drive.
 */
@Tag("core")
class ModuleTransactionIT {
  @TempDir
  private static Path work;

  private static LiveServer server;
  private static Http http;

  private String before;

  @BeforeAll
  static void start() {
    OutsideModule module = new OutsideModule(work);
    server = LiveServer.start(Map.of(), Map.of(), module.warWith(module.transactionJar()));
    http = server.http();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void fromHereOn() {
    before = Log.newest(http);
  }

  @Test
  void anEventFiredOutsideATransactionIsThereWhenFireReturns() {
    List<String> seen = perform("fire outside", "outcome outside", "newest");

    assertThat(seen).containsExactly("Durable", Log.newest(http)).doesNotContain(before);
    assertThat(published()).containsExactly("outside");
  }

  @Test
  void aCommitPushesOnceAndNothingBeforeIt() {
    List<String> seen = perform(
        "begin",
        "fire committed",
        "newest",
        "outcome committed",
        "commit",
        "outcome committed",
        "newest");

    assertThat(seen).containsExactly(before, "none", "Durable", Log.newest(http));
    assertThat(published()).containsExactly("committed");
  }

  @Test
  void aRollbackPushesNothing() {
    assertThat(perform("begin", "fire rolled_back", "rollback", "outcome rolled_back"))
        .containsExactly("Refused");

    perform("fire fence");
    assertThat(published()).containsExactly("fence");
  }

  @Test
  void aTransactionThatCanOnlyRollBackPushesNothing() {
    assertThat(perform("begin", "doom", "fire rolled_back", "rollback", "outcome rolled_back"))
        .containsExactly("Refused");

    perform("fire fence");
    assertThat(published()).containsExactly("fence");
  }

  @Test
  void theEventsOfATransactionArriveTogetherInTheOrderFired() {
    Thread other = new Thread(() -> {
      for (int i = 0; i < 50; i++) {
        http.post("api/sse/events", "{\"type\":\"between\",\"data\":null}");
      }
    });
    try (RawStream stream = server.stream("api/sse")) {
      stream.next(frame -> frame.is("hello"));
      other.start();
      for (int round = 0; round < 20; round++) {
        perform("begin", "fire first", "fire second", "fire third", "commit");

        stream.next(frame -> frame.isEvent() && frame.data().contains("\"first\""));
        for (String type : List.of("second", "third")) {
          assertThat(stream.nextEvent().data()).startsWith("{\"type\":\"" + type + "\",");
        }
      }
    } finally {
      join(other);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void fireAsyncPushesEvenOnRollback() {
    perform("begin", "fire-async async", "rollback");

    assertThat(published()).containsExactly("async");
  }

  /** The servers differ in whether there still is a transaction then. */
  @Test
  void anEventFiredAfterTheFailureOfItsTransactionIsPushedOrRefusedAndKnowsIt() {
    String outcome =
        perform("begin", "fire-at-the-end late", "rollback", "outcome late").get(0);

    assertThat(outcome).isIn("Durable", "Refused");
    assertThat(published()).isEqualTo(outcome.equals("Durable") ? List.of("late") : List.of());
  }

  /** What those steps saw that ask for something. */
  private static List<String> perform(String... steps) {
    Http.Answer answer = http.send("POST", "transactions", String.join("\n", steps));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.body().lines().toList();
  }

  /** The types of what was pushed since the test began. */
  private List<String> published() {
    return Log.after(http, before).stream().map(Log.Event::type).toList();
  }
}
