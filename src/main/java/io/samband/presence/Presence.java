package io.samband.presence;

import io.samband.concurrent.NamedThreads;
import io.samband.event.SubscriberArrived;
import io.samband.event.SubscriberLeft;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Keeps the lease of this node, publishes its streams, and reads those of the others, once a second in a thread of its own: the
 * log and the streams never wait for it. Tells modules who has arrived and who has left ({@link SubscriberArrived}, {@link
 * SubscriberLeft}). The public methods may be called by any thread, and do not wait for the server.
 */
public class Presence implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Presence.class.getName());

  private static final long BEAT_MILLIS = 1_000;

  /** How long a client has to come back, at least. */
  static final Duration GRACE = Duration.ofSeconds(5);

  private static final long CLOSE_MILLIS = 5_000;

  private String self;
  private String name;
  private LocalStreams local;
  private Exchange exchange;
  private Roster roster;
  private Announcer announcer;
  private CountDownLatch closing;
  private Thread thread;

  // Of that thread.
  private Map<Long, PresentStream> own = Map.of();

  /** For the proxy of CDI. */
  protected Presence() {}

  /**
   * A node that has no lease yet: see {@link #start}.
   *
   * @param self the incarnation of this node, as the store has it
   * @param name how this node is called
   * @param comeBack how long a client may take to come back of which a node has said that it should; at least five seconds count
   * @param keepalive within which a client that is gone is found
   * @param observers tells modules of an event; the stage completes when all of them have returned
   */
  public Presence(
      String self,
      String name,
      LocalStreams local,
      PresenceStore store,
      Duration comeBack,
      Duration keepalive,
      Function<Object, CompletionStage<?>> observers) {
    this.self = self;
    this.name = name;
    this.local = local;
    this.exchange = new Exchange(self, name, store);
    Duration left = comeBack.compareTo(GRACE) > 0 ? comeBack : GRACE;
    this.roster = new Roster(left, keepalive.multipliedBy(2).plus(GRACE));
    this.announcer = new Announcer(observers);
    this.closing = new CountDownLatch(1);
    this.thread = new NamedThreads("samband-presence").newThread(this::run);
  }

  /** Begins: the other nodes see this one from now on, and modules are told of subscribers. Once. */
  public void start() {
    announcer.start();
    thread.start();
  }

  private void run() {
    try {
      do {
        beat();
      } while (!closing.await(BEAT_MILLIS, TimeUnit.MILLISECONDS));
      exchange.leave();
    } catch (InterruptedException e) {
      // Nobody interrupts this thread but the JVM's end.
      Thread.currentThread().interrupt();
    } finally {
      exchange.close();
    }
  }

  private void beat() {
    long now = System.nanoTime();
    try {
      look(now);
      exchange.attempt(now, own, local.cursor(), roster);
      // Not while modules are busy with the last events: those to come may cancel each other out.
      if (announcer.isIdle()) {
        announcer.tell(roster.takeDue(exchange.nodes(), now));
      }
    } catch (RuntimeException | Error e) {
      // The next round may succeed.
      LOG.log(Level.ERROR, "[SSE] presence: the streams of this node could not be looked at", e);
    }
  }

  /** Looks at the streams of this node. */
  private void look(long now) {
    Map<Long, PresentStream> open = new HashMap<>();
    local.open().forEach(stream -> open.put(stream.id(), stream));
    Map<Long, PresentStream> before = own;
    own = open;
    open.forEach((id, stream) -> {
      if (!before.containsKey(id)) {
        roster.opened(self, name, stream, now);
      }
    });
    for (long id : before.keySet()) {
      if (!open.containsKey(id)) {
        roster.ended(self, id, now);
      }
    }
  }

  /** Who is connected at the other nodes, as far as is known. */
  public ClusterView view() {
    return exchange.view();
  }

  /** How many nodes had a lease when they were last looked at. */
  public int nodesAlive() {
    return exchange.nodesAlive();
  }

  /** Seconds since the other nodes were seen, about 1 while all is well; NaN before the first time. */
  public double ageSeconds() {
    return exchange.ageSeconds();
  }

  /** Ends the lease, and tells modules of nothing more. After the streams have ended. */
  @Override
  public void close() {
    announcer.close();
    closing.countDown();
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      LOG.log(Level.WARNING, "[SSE] presence: the server did not answer; the lease ends by itself");
    }
  }
}
