package io.samband.presence;

import io.samband.concurrent.Backoff;
import io.samband.presence.PresenceStore.PublishedNode;
import io.samband.presence.PresenceStore.Reading;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Keeps the lease of this node in the store, publishes its streams there, and reads those of the others. What changes something is
 * used by one thread; any thread may ask, and waits for no server.
 */
final class Exchange {
  private static final System.Logger LOG = System.getLogger(Exchange.class.getName());

  private static final Duration RENEWAL = Duration.ofSeconds(2);

  /** A view that is older is not shown as complete: the time after which streams are told that the log does not answer. */
  private static final Duration FRESH = Duration.ofSeconds(3);

  /** A node that has missed a renewal may have been killed. Less than {@link Presence#GRACE}. */
  private static final Duration DOUBT = Duration.ofSeconds(4);

  /** For so long, and at most for twice as long, it is kept in the store that a stream has ended. */
  private static final Duration TIDY = Duration.ofMinutes(1);

  private static final Duration FIRST_RETRY = Duration.ofMillis(400);
  private static final Duration LAST_RETRY = Duration.ofSeconds(5);
  private static final long RETRY_MIN_MILLIS = 200;

  private final String self;
  private final String name;
  private final PresenceStore store;
  private final Publication publication;
  private final Backoff retry = new Backoff(FIRST_RETRY, LAST_RETRY);
  private long retryNanos = System.nanoTime();
  private long renewedNanos;
  private boolean hasLease;
  private long tidiedNanos = retryNanos;
  private long tidyVersion;
  private String namesake;
  private boolean failing;

  // Guarded by this.
  private final KnownNodes known;
  private long readNanos;
  private boolean everRead;

  Exchange(String self, String name, PresenceStore store) {
    this.self = self;
    this.name = name;
    this.store = store;
    this.publication = new Publication(store);
    this.known = new KnownNodes(self);
  }

  /**
   * Tells the other nodes what is new, and reads what they have told; does nothing while it is not time to try again.
   *
   * @param now of {@link System#nanoTime}
   * @param own the streams of this node
   * @param cursor where they stand
   * @param roster told of the streams of the others
   */
  void attempt(long now, Map<Long, PresentStream> own, String cursor, Roster roster) {
    if (now - retryNanos < 0) {
      return;
    }
    try {
      renewIfDue(now, cursor);
      publication.publish(own);
      read(roster);
      tidyIfDue(now);
      succeeded();
    } catch (PresenceUnavailableException e) {
      failed(now, e);
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "[SSE] presence: a round failed by a mistake of Samband", e);
      failed(now, e);
    }
  }

  private void renewIfDue(long now, String cursor) {
    if (!hasLease || now - renewedNanos >= RENEWAL.toNanos()) {
      publication.renew(cursor);
      hasLease = true;
      renewedNanos = now;
    }
  }

  private void read(Roster roster) {
    // Before the server looks, so that nothing counts as older than it is.
    long asked = System.nanoTime();
    Map<String, Long> seen;
    synchronized (this) {
      seen = known.seen();
    }
    Reading reading = store.read(seen);
    synchronized (this) {
      known.apply(reading, new KnownNodes.Listener() {
        @Override
        public void opened(String incarnation, String node, PresentStream stream) {
          roster.opened(incarnation, node, stream, asked);
        }

        @Override
        public void ended(String incarnation, long id) {
          roster.ended(incarnation, id, asked);
        }
      });
      readNanos = asked;
      everRead = true;
    }
  }

  private void tidyIfDue(long now) {
    if (now - tidiedNanos >= TIDY.toNanos()) {
      store.tidy(tidyVersion);
      tidyVersion = publication.version();
      tidiedNanos = now;
    }
  }

  private void succeeded() {
    retry.reset();
    if (failing) {
      failing = false;
      LOG.log(Level.INFO, "[SSE] presence: the nodes know each other again");
    }
    String other;
    synchronized (this) {
      other = known.namesake(name).orElse(null);
    }
    if (other != null && !other.equals(namesake)) {
      LOG.log(
          Level.WARNING,
          "[SSE] another node has the name {0}, too; set samband.node.name so that they can be told apart",
          name);
    }
    namesake = other;
  }

  private void failed(long now, Throwable cause) {
    hasLease = false;
    retryNanos = now + TimeUnit.MILLISECONDS.toNanos(RETRY_MIN_MILLIS + retry.nextRandomMillis());
    if (!failing) {
      failing = true;
      LOG.log(
          Level.WARNING,
          "[SSE] presence: this node cannot tell the others of its streams, nor read theirs: {0}",
          cause.getMessage());
    }
  }

  /** What is known about the nodes now. Used by the thread that exchanges. */
  synchronized Roster.Nodes nodes() {
    Set<String> doubtful = new HashSet<>(everRead ? known.silentFor(DOUBT) : List.of());
    // This one lives.
    doubtful.remove(self);
    return new Roster.Nodes(!failing && everRead, self, known.incarnations(), doubtful);
  }

  synchronized ClusterView view() {
    // Without a lease of its own the others do not see this node, so something is wrong.
    if (everRead && ageNanos() <= FRESH.toNanos() && known.latest(self) != null) {
      return new ClusterView(true, known.asOf(), known.view());
    }
    PublishedNode last = known.latest(self);
    return new ClusterView(
        false,
        Instant.now(),
        List.of(new ClusterView.Node(
            self,
            name,
            true,
            last == null ? "" : last.cursor(),
            last == null ? null : last.renewedAt(),
            last == null ? null : last.endsAt(),
            List.of())));
  }

  private long ageNanos() {
    return System.nanoTime() - readNanos;
  }

  synchronized int nodesAlive() {
    return known.count();
  }

  synchronized double ageSeconds() {
    return everRead ? ageNanos() / 1e9 : Double.NaN;
  }

  /** Ends the lease, if the server answers. */
  void leave() {
    try {
      store.leave();
    } catch (RuntimeException e) {
      LOG.log(Level.DEBUG, "[SSE] presence: the lease of this node ends by itself", e);
    }
  }

  void close() {
    store.close();
  }
}
