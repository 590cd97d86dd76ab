package io.samband.presence;

import static io.samband.presence.FakeStreams.stream;
import static org.assertj.core.api.Assertions.assertThat;

import io.samband.event.SubscriberArrived;
import io.samband.event.SubscriberLeft;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Node a tells its modules; grace 5 s; a second stream that looks the same counts after 7 s. */
class RosterTest {
  private final Roster roster = new Roster(Duration.ofSeconds(5), Duration.ofSeconds(7));
  private boolean complete = true;
  private List<String> alive = List.of("a", "b");
  private Set<String> doubtful = Set.of();

  private static long at(double seconds) {
    return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
  }

  private List<String> due(double seconds) {
    return roster.takeDue(new Roster.Nodes(complete, "a", alive, doubtful), at(seconds)).stream()
        .map(RosterTest::text)
        .toList();
  }

  private static String text(Object event) {
    if (event instanceof SubscriberArrived it) {
      return "+" + it.user() + "@" + it.node() + " " + it.id() + (it.responsible() ? "!" : "");
    }
    SubscriberLeft it = (SubscriberLeft) event;
    return "-" + it.user() + "@" + it.node() + " " + it.id() + (it.responsible() ? "!" : "");
  }

  private void opened(String node, long id, String user, double seconds) {
    roster.opened(node, node.toUpperCase(Locale.ROOT), stream(id, user), at(seconds));
  }

  private void ended(String node, long id, double seconds) {
    roster.ended(node, id, at(seconds));
  }

  @Test
  void anArrivalIsToldAtOnceAndADepartureWhenNobodyHasComeBackForFiveSeconds() {
    opened("a", 1, "kari", 0);
    assertThat(due(0)).containsExactly("+kari@A a-1!");
    assertThat(due(1)).isEmpty();
    ended("a", 1, 10);
    assertThat(due(14.9)).isEmpty();
    assertThat(due(15)).containsExactly("-kari@A a-1!");
    assertThat(due(99)).isEmpty();
  }

  @Test
  void aClientThatComesBackElsewhereWithinFiveSecondsIsNeitherButHasTheSameIdWhenItLeaves() {
    opened("a", 1, "kari", 0);
    assertThat(due(0)).hasSize(1);
    ended("a", 1, 10);
    assertThat(due(14)).isEmpty();
    opened("b", 7, "kari", 14.9);
    assertThat(due(30)).isEmpty();
    ended("b", 7, 40);
    assertThat(due(45)).containsExactly("-kari@B a-1");
  }

  @Test
  void aStreamLeftBehindUntilTheNextKeepaliveIsNoSecondClient() {
    opened("a", 1, "kari", 0);
    assertThat(due(0)).hasSize(1);
    opened("b", 7, "kari", 10);
    assertThat(due(16.9)).isEmpty();
    ended("a", 1, 16.9);
    assertThat(due(30)).isEmpty();
  }

  @Test
  void aSecondStreamThatStaysIsASecondClient() {
    opened("a", 1, null, 0);
    opened("a", 2, null, 0);
    assertThat(due(0)).containsExactly("+null@A a-1!");
    assertThat(due(7)).containsExactly("+null@A a-2!");
    ended("a", 1, 10);
    ended("a", 2, 12);
    assertThat(due(15)).containsExactly("-null@A a-1!");
    assertThat(due(17)).containsExactly("-null@A a-2!");
  }

  @Test
  void clientsOfAKilledNodeThatAreElsewhereBeforeItsLeaseEndsAreToldOfNotAtAll() {
    opened("b", 1, "kari", 0);
    assertThat(due(0)).containsExactly("+kari@B b-1");
    opened("a", 5, "kari", 2);
    assertThat(due(3)).isEmpty();
    doubtful = Set.of("b");
    assertThat(due(9.5)).isEmpty();
    alive = List.of("a");
    doubtful = Set.of();
    ended("b", 1, 10);
    assertThat(due(60)).isEmpty();
  }

  @Test
  void aStreamOfANodeInDoubtIsNoArrival() {
    doubtful = Set.of("b");
    opened("b", 1, "kari", 0);
    assertThat(due(0)).isEmpty();
    doubtful = Set.of();
    assertThat(due(1)).containsExactly("+kari@B b-1");
  }

  @Test
  void whileOtherNodesAreUnknownNobodyLeavesAndTheTimeToComeBackBeginsAfterwards() {
    opened("a", 1, "kari", 0);
    opened("a", 2, "olav", 0);
    assertThat(due(0)).hasSize(2);
    complete = false;
    ended("a", 1, 1);
    ended("a", 2, 1);
    assertThat(due(60)).isEmpty();
    opened("a", 3, "per", 61);
    assertThat(due(61)).containsExactly("+per@A a-3!");
    complete = true;
    assertThat(due(62)).isEmpty();
    opened("b", 9, "kari", 63);
    assertThat(due(64.9)).isEmpty();
    assertThat(due(66)).containsExactly("-olav@A a-2!");
  }

  @Test
  void whatANodeThatIsGoneHadAnotherOneIsResponsibleFor() {
    opened("b", 1, "kari", 0);
    assertThat(due(0)).containsExactly("+kari@B b-1");
    alive = List.of("a", "c");
    ended("b", 1, 10);
    assertThat(due(15)).containsExactly("-kari@B b-1!");
  }
}
