package io.samband.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.event.EventId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which cursors go on, and what the others are told. */
class LogStateTest {
  private static final String FIRST = "aaaaaaaa";
  private static final String SECOND = "bbbbbbbb";

  /** 1 to 10 of the first epoch, 11 to 20 of the second; 1 to 5 are trimmed. */
  private final LogState log = new LogState(
      new Epochs(List.of(new Epochs.Epoch(FIRST, 1), new Epochs.Epoch(SECOND, 11))), 6, 20);

  @ParameterizedTest
  @CsvSource({
    "aaaaaaaa-5",
    "aaaaaaaa-6",
    "aaaaaaaa-10",
    "bbbbbbbb-20",
    "bbbbbbbb-11",
    "bbbbbbbb-10",
    "bbbbbbbb-5"
  })
  void aCursorThatNothingIsMissingAfterIsComplete(String cursor) {
    Replay replay = log.replay(cursor);
    assertThat(replay.kind()).isEqualTo(Replay.Kind.COMPLETE);
    assertThat(replay.reset()).isNull();
    assertThat(replay.helloId()).hasToString(cursor);
    assertThat(replay.after()).isEqualTo(replay.helloId().offset());
  }

  @ParameterizedTest
  @CsvSource({
    "aaaaaaaa-4,trimmed,1",
    "aaaaaaaa-0,trimmed,5",
    "bbbbbbbb-0,trimmed,5",
    "aaaaaaaa-11,ahead,",
    "bbbbbbbb-21,ahead,",
    "cccccccc-7,unknown_epoch,",
    "00000000-0,unknown_epoch,",
    "garbage,unknown_epoch,"
  })
  void anyOtherIsToldWhyAndGetsEverythingThatIsKept(String cursor, String reason, Long missed) {
    Replay replay = log.replay(cursor);
    assertThat(replay.kind()).isEqualTo(Replay.Kind.INCOMPLETE);
    assertThat(replay.reset().toJson())
        .isEqualTo("{\"reason\":\"" + reason + "\",\"missed\":" + missed + "}");
    assertThat(replay.reset().id()).hasToString("bbbbbbbb-5");
    assertThat(replay.after()).isEqualTo(5);
    assertThat(replay.helloId())
        .hasToString(EventId.parse(cursor).isPresent() ? cursor : "00000000-0");
  }

  @Test
  void withoutACursorThereIsNothingBeforeNow() {
    for (String none : new String[] {null, ""}) {
      assertThat(log.replay(none))
          .isEqualTo(new Replay(Replay.Kind.NONE, new EventId(SECOND, 20), 20, null));
    }
  }

  @Test
  void aGapIsAnnouncedToEveryReaderThatComesToIt() {
    LogState gap = log.with(new Gap(21, 25)).appended(26);
    assertThat(gap.replay("bbbbbbbb-20").reset())
        .isEqualTo(new Reset(Reset.Reason.LOST, 5L, new EventId(SECOND, 25)));
    assertThat(gap.replay("bbbbbbbb-22").reset())
        .isEqualTo(new Reset(Reset.Reason.LOST, 3L, new EventId(SECOND, 25)));
    assertThat(gap.replay("bbbbbbbb-25").kind()).isEqualTo(Replay.Kind.COMPLETE);
    assertThat(gap.replay("aaaaaaaa-8").kind())
        .as("events before the gap can be read")
        .isEqualTo(Replay.Kind.COMPLETE);
    assertThat(gap.readableThrough(8)).isEqualTo(20);
    assertThat(gap.readableThrough(25)).isEqualTo(26);
  }

  @Test
  void gapsThatTouchAreOneAndThoseThatAreTrimmedAreNone() {
    LogState gaps =
        log.with(new Gap(12, 13)).with(new Gap(8, 9)).with(new Gap(14, 15)).with(new Gap(9, 10));
    assertThat(gaps.gaps()).containsExactly(new Gap(8, 10), new Gap(12, 15));
    assertThat(gaps.trimmed(11).gaps()).containsExactly(new Gap(12, 15));
    assertThat(gaps.trimmed(16).gaps()).isEmpty();
  }

  @Test
  void aTrimmedCursorGoesOnBehindAGapThatFollows() {
    LogState trimmed = log.with(new Gap(12, 15)).trimmed(13);
    assertThat(trimmed.replay("bbbbbbbb-8").reset())
        .isEqualTo(new Reset(Reset.Reason.TRIMMED, 7L, new EventId(SECOND, 15)));
    assertThat(trimmed.replay("garbage").reset().id()).hasToString("bbbbbbbb-15");
  }

  @Test
  void anEmptyLogGoesOnFromItsBeginning() {
    var empty = new LogState(new Epochs(List.of(new Epochs.Epoch(FIRST, 1))), 1, 0);
    assertThat(empty.newestId()).hasToString("aaaaaaaa-0");
    assertThat(empty.replay("aaaaaaaa-0").kind()).isEqualTo(Replay.Kind.COMPLETE);
  }

  @Test
  void aTailThatWasLostEndsEveryEpochThatHadIt() {
    var epochs = new Epochs(List.of(
        new Epochs.Epoch(FIRST, 1),
        new Epochs.Epoch(SECOND, 50),
        new Epochs.Epoch("cccccccc", 41)));
    assertThat(epochs.lastOffset(FIRST, 60)).hasValue(40);
    assertThat(epochs.lastOffset(SECOND, 60)).hasValue(40);
    assertThat(epochs.lastOffset("cccccccc", 60)).hasValue(60);
    assertThat(epochs.of(40)).isEqualTo(FIRST);
    assertThat(epochs.of(41)).isEqualTo("cccccccc");
    assertThat(epochs.of(55)).isEqualTo("cccccccc");
    assertThat(epochs.lastOffset("dddddddd", 60)).isEmpty();
  }

  @Test
  void anEpochInWhichNothingHappenedIsStillKnown() {
    var epochs = new Epochs(List.of(
        new Epochs.Epoch(FIRST, 1),
        new Epochs.Epoch(SECOND, 11),
        new Epochs.Epoch("cccccccc", 11)));
    assertThat(epochs.lastOffset(SECOND, 20)).hasValue(10);
    assertThat(epochs.of(11)).isEqualTo("cccccccc");
    assertThat(epochs.of(10)).isEqualTo(FIRST);
    assertThat(epochs.current()).isEqualTo("cccccccc");
  }
}
