package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;

/** A tab with the console page in it, in a browser that only evaluates expressions. */
abstract class RawConsole {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String STATE = "window.samband ? samband.store.getState()";

  /** The value of a JavaScript expression as {@code String()} makes it. */
  abstract String text(String expression);

  String status() {
    return text(STATE + ".status : ''");
  }

  String role() {
    return text(STATE + ".role : ''");
  }

  boolean leads() {
    return role().equals("leader");
  }

  void awaitStatus(String status) {
    awaitStatus(status, SOON);
  }

  void awaitStatus(String status, Duration timeout) {
    await(timeout, () -> status().equals(status));
  }

  void awaitRole(String role) {
    await(SOON, () -> role().equals(role));
  }

  /** The offset of the last event that the page was handed, or 0. */
  long offset() {
    return Long.parseLong(
        text("window.samband ? (samband.received.at(-1) ?? '-0').split('-')[1] : 0"));
  }

  void awaitOffset(long offset) {
    await(SOON, () -> offset() >= offset);
  }

  /** A tab that is on its way to another page answers with errors. */
  private static void await(Duration timeout, Callable<Boolean> condition) {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(20))
        .atMost(timeout)
        .ignoreExceptions()
        .until(condition);
  }

  /** Every event once and in order, no reset and no hole, up to the last one that was published. */
  void heardAllUpTo(long last) {
    awaitOffset(last);
    List<String> received = Arrays.asList(text("samband.received.join(' ')").split(" "));
    assertThat(received).doesNotContain("reset");
    List<Long> offsets = received.stream()
        .map(id -> Long.valueOf(id.substring(id.indexOf('-') + 1)))
        .toList();
    for (int i = 1; i < offsets.size(); i++) {
      assertThat(offsets.get(i)).isEqualTo(offsets.get(i - 1) + 1);
    }
  }
}
