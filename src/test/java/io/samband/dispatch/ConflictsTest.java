package io.samband.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.persistence.OptimisticLockException;
import jakarta.persistence.PersistenceException;
import jakarta.transaction.RollbackException;
import jakarta.transaction.TransactionalException;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConflictsTest {
  private final AtomicInteger attempts = new AtomicInteger();

  static Stream<Exception> conflicts() {
    return Stream.of(
        new OptimisticLockException("the row has another version"),
        new PersistenceException(new SQLException("duplicate key", "23505")),
        new IllegalStateException(new PersistenceException(new SQLException("deadlock", "40P01"))),
        new RollbackException("not committed"),
        new TransactionalException("commit", new RollbackException("not committed")));
  }

  @ParameterizedTest
  @MethodSource("conflicts")
  void aTransactionThatLostARaceLooksAgain(Exception conflict) {
    String answer = Conflicts.repeat(() -> {
      if (attempts.incrementAndGet() == 1) {
        throw conflict;
      }
      return "done";
    });
    assertThat(answer).isEqualTo("done");
    assertThat(attempts).hasValue(2);
  }

  static Stream<RuntimeException> others() {
    var circle = new PersistenceException("a circle");
    circle.initCause(new IllegalStateException(circle));
    return Stream.of(
        new PersistenceException(new SQLException("connection refused", "08001")),
        new PersistenceException(new SQLException("no state")),
        new ChangedMeanwhileException(new Vehicle("A1", "available", 1, "")),
        circle);
  }

  @ParameterizedTest
  @MethodSource("others")
  void anythingElseIsToldAtOnce(RuntimeException other) {
    assertThatThrownBy(() -> Conflicts.repeat(() -> {
          attempts.incrementAndGet();
          throw other;
        }))
        .isSameAs(other);
    assertThat(attempts).hasValue(1);
  }

  @Test
  void aConflictThatRemainsIsToldInTheEnd() {
    assertThatThrownBy(() -> Conflicts.repeat(() -> {
          attempts.incrementAndGet();
          throw new OptimisticLockException();
        }))
        .isInstanceOf(OptimisticLockException.class);
    assertThat(attempts).hasValue(5);
  }
}
