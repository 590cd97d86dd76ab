package io.samband.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The load generator against the reference, in this process. */
class LoadRunTest {
  private Reference reference;
  private Target target;

  @BeforeEach
  void startTheReference() throws IOException {
    reference = new Reference(0);
    Thread server = new Thread(() -> {
      try {
        reference.serve();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
    server.setDaemon(true);
    server.start();
    target = new Target(
        "reference",
        reference.port(),
        "/events",
        "/pub",
        ProcessHandle.current().pid(),
        false,
        Target.NO_HEADERS,
        () -> {});
  }

  @AfterEach
  void stopIt() throws IOException {
    reference.close();
  }

  @Test
  void atARateEverySubscriberGetsEveryEventOnce() throws IOException {
    Result result = run(new Scenario("rate", 20, 0, 1, 100, 30, 0, 200));

    assertThat(result.faults()).isEmpty();
    assertThat(result.counts().published()).isEqualTo(30);
    assertThat(result.counts().delivered()).isEqualTo(600);
    assertThat(result.millis().p50()).isPositive();
  }

  @Test
  void saturatedEverySubscriberGetsEveryEventOnce() throws IOException {
    Result result = run(new Scenario("saturated", 20, 0, 1, 0, 0, 0.5, 200));

    assertThat(result.faults()).isEmpty();
    assertThat(result.counts().delivered())
        .isEqualTo(20L * result.counts().published())
        .isPositive();
  }

  @Test
  void eventsThatTakeManyReadsAreCountedOnce() throws IOException {
    Result result = run(new Scenario("rate", 3, 0, 1, 50, 20, 0, 64_000));

    assertThat(result.faults()).isEmpty();
    assertThat(result.counts().delivered()).isEqualTo(60);
  }

  @Test
  void whatNobodyAskedForIsAFault() throws IOException {
    // The reference does not filter, so half of what each subscriber gets is not what it waits for.
    Result result = run(new Scenario("filtered", 4, 0, 2, 100, 10, 0, 200));

    assertThat(result.faults()).contains("too many 20");
  }

  private Result run(Scenario scenario) throws IOException {
    try (LoadRun run = new LoadRun(target, scenario)) {
      run.connect();
      return run.measure();
    }
  }
}
