package io.samband.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Thousands of subscribers on one thread: each follows a stream, checks that it sees every event once and in order, and
 * comes back with its last id as a browser does: after {@code drain} when it was told, after a break when {@code retry}
 * says, after a refusal when {@code Retry-After} says.
 *
 * <p>All methods may be called from any thread; what clients do happens on the fleet's own.
 */
public final class Fleet implements AutoCloseable {
  private static final long ANSWER_SECONDS = 30;

  final InetSocketAddress address;
  final byte[] requestHead;
  final Selector selector;
  final ByteBuffer buffer = ByteBuffer.allocateDirect(256 * 1024);
  final Random random;

  private final Queue<Runnable> inbox = new ConcurrentLinkedQueue<>();
  private final List<FleetClient> clients = new ArrayList<>();
  private final Deque<FleetClient> toOpen = new ArrayDeque<>();
  private final PriorityQueue<FleetClient> timers =
      new PriorityQueue<>(Comparator.comparingLong(client -> client.dueNanos));
  private final int maxOpening;
  private int opening;
  private volatile boolean closed;

  // What was seen, by the fleet's thread.
  private long[] hashes = new long[1024];
  private final Tally tally = new Tally();

  /** What all clients of a fleet have seen so far. */
  public static final class Tally {
    long events;
    long gaps;
    long repeats;
    long differing;
    long resets;
    long opened;
    long breaks;
    long drains;
    long refusals;
    long keepalives;
    String firstFault = "";
    final List<Long> toldMillis = new ArrayList<>();
    final List<Long> returnMillis = new ArrayList<>();

    private Tally copy() {
      Tally copy = new Tally();
      copy.events = events;
      copy.gaps = gaps;
      copy.repeats = repeats;
      copy.differing = differing;
      copy.resets = resets;
      copy.opened = opened;
      copy.breaks = breaks;
      copy.drains = drains;
      copy.refusals = refusals;
      copy.keepalives = keepalives;
      copy.firstFault = firstFault;
      copy.toldMillis.addAll(toldMillis);
      copy.returnMillis.addAll(returnMillis);
      return copy;
    }

    /** Application events, over all clients. */
    public long events() {
      return events;
    }

    /** Offsets that were passed over without a {@code reset}. Always 0, or a promise is broken. */
    public long gaps() {
      return gaps;
    }

    /** Offsets that came again without a {@code reset}. Always 0, or a promise is broken. */
    public long repeats() {
      return repeats;
    }

    /** Events whose bytes differed from what another client got at the same offset. */
    public long differing() {
      return differing;
    }

    public long resets() {
      return resets;
    }

    /** Streams that got as far as {@code hello}. */
    public long opened() {
      return opened;
    }

    /** Streams that ended without a {@code drain}, and connections that were refused or died while opening. */
    public long breaks() {
      return breaks;
    }

    public long drains() {
      return drains;
    }

    /** Answers other than 200. */
    public long refusals() {
      return refusals;
    }

    public long keepalives() {
      return keepalives;
    }

    /** For every drained stream, how long its client was told to wait. */
    public List<Long> toldMillis() {
      return Collections.unmodifiableList(toldMillis);
    }

    /** For every drained stream, how long after the {@code drain} its client knocked again. */
    public List<Long> returnMillis() {
      return Collections.unmodifiableList(returnMillis);
    }

    /** Whether no client has lost, doubled or misread anything. */
    public boolean isFaultless() {
      return gaps == 0 && repeats == 0 && differing == 0;
    }

    @Override
    public String toString() {
      return "events=" + events + " gaps=" + gaps + " repeats=" + repeats + " differing="
          + differing + " resets=" + resets + " opened=" + opened + " breaks=" + breaks + " drains="
          + drains + " refusals=" + refusals + " keepalives=" + keepalives
          + (firstFault.isEmpty() ? "" : " firstFault=" + firstFault);
    }
  }

  /** A fleet without clients yet, for the stream of the server at {@code base}. */
  public static Fleet of(URI base) {
    return new Fleet(base, "api/sse", 500, new Random(1));
  }

  /**
   * As above.
   *
   * @param path relative to the base, query included
   * @param maxOpening how many connections may be between {@code connect} and {@code hello} at a time
   * @param random spreads what clients do, so that a run can be repeated
   * @param headers of every request, names and values in turn
   */
  public static Fleet of(URI base, String path, int maxOpening, Random random, String... headers) {
    return new Fleet(base, path, maxOpening, random, headers);
  }

  private Fleet(URI base, String path, int maxOpening, Random random, String... headers) {
    this.address = new InetSocketAddress(base.getHost(), base.getPort());
    this.maxOpening = maxOpening;
    this.random = random;
    URI target = base.resolve(path);
    StringBuilder head = new StringBuilder("GET " + target.getRawPath());
    head.append(target.getRawQuery() == null ? "" : "?" + target.getRawQuery());
    head.append(" HTTP/1.1\r\nHost: ").append(base.getRawAuthority());
    head.append("\r\nAccept: text/event-stream\r\nUser-Agent: fleet\r\n");
    for (int i = 0; i < headers.length; i += 2) {
      head.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
    }
    this.requestHead = head.toString().getBytes(StandardCharsets.US_ASCII);
    try {
      this.selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread thread = new Thread(this::run, "fleet");
    thread.setDaemon(true);
    thread.start();
  }

  /** Adds clients, which connect at once, as many at a time as may be. */
  public void add(int count) {
    ask(() -> {
      for (int i = 0; i < count; i++) {
        FleetClient client = new FleetClient(this, tally);
        clients.add(client);
        open(client);
      }
      return null;
    });
  }

  /** Takes clients away without a word, chosen at random: their sockets are reset. */
  public void leave(int count) {
    ask(() -> {
      Collections.shuffle(clients, random);
      for (int i = 0; i < count && !clients.isEmpty(); i++) {
        clients.remove(clients.size() - 1).leave();
      }
      return null;
    });
  }

  /** Breaks the connections of some clients, chosen at random; they come back as after any break. */
  public void cut(int count) {
    ask(() -> {
      some(count, FleetClient::isOpen).forEach(FleetClient::cut);
      return null;
    });
  }

  /** Lets some clients stop reading, chosen at random. */
  public void stall(int count) {
    ask(() -> {
      some(count, FleetClient::isOpen).forEach(FleetClient::stall);
      return null;
    });
  }

  /** Lets those that have stalled read again. */
  public void unstall() {
    ask(() -> {
      clients.forEach(FleetClient::unstall);
      return null;
    });
  }

  private List<FleetClient> some(int count, Predicate<FleetClient> which) {
    List<FleetClient> candidates =
        new ArrayList<>(clients.stream().filter(which).toList());
    Collections.shuffle(candidates, random);
    return candidates.subList(0, Math.min(count, candidates.size()));
  }

  public int size() {
    return ask(clients::size);
  }

  /** How many streams are open, {@code hello} seen. */
  public int open() {
    return ask(() -> (int) clients.stream().filter(FleetClient::isOpen).count());
  }

  /** The lowest offset that a client stands at, those that stall apart. */
  public long lowestCursor() {
    return ask(() -> clients.stream()
        .filter(client -> !client.isStalled())
        .mapToLong(FleetClient::cursor)
        .min()
        .orElse(Long.MAX_VALUE));
  }

  public Tally tally() {
    return ask(tally::copy);
  }

  /** Waits until every client has an open stream. */
  public void awaitOpen(Duration timeout) {
    await(timeout, () -> open() == size(), "not all streams are open");
  }

  /** Waits until every client that reads has seen everything up to an offset. */
  public void awaitCursor(long offset, Duration timeout) {
    await(timeout, () -> lowestCursor() >= offset, "not all clients have come to " + offset);
  }

  private void await(Duration timeout, Supplier<Boolean> condition, String otherwise) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!condition.get()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(otherwise + " within " + timeout + ": open=" + open() + " of "
            + size() + " lowest=" + lowestCursor() + " " + tally() + "\n" + ask(this::laggards));
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }

  private String laggards() {
    StringBuilder text = new StringBuilder();
    clients.stream()
        .sorted(Comparator.comparingLong(FleetClient::cursor))
        .limit(5)
        .forEach(client -> text.append(client).append('\n'));
    return text.toString();
  }

  @Override
  public void close() {
    closed = true;
    selector.wakeup();
  }

  private <T> T ask(Supplier<T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    inbox.add(() -> {
      try {
        answer.complete(question.get());
      } catch (RuntimeException | Error e) {
        answer.completeExceptionally(e);
      }
    });
    selector.wakeup();
    try {
      return answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  private void run() {
    try {
      while (!closed) {
        selector.select(millisToTimer());
        for (Runnable task = inbox.poll(); task != null; task = inbox.poll()) {
          task.run();
        }
        for (SelectionKey key : selector.selectedKeys()) {
          ((FleetClient) key.attachment()).selected();
        }
        selector.selectedKeys().clear();
        long now = System.nanoTime();
        while (!timers.isEmpty() && timers.peek().dueNanos - now <= 0) {
          open(timers.poll());
        }
        openMore();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      clients.forEach(FleetClient::leave);
      closeSelector();
    }
  }

  private void closeSelector() {
    try {
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long millisToTimer() {
    if (timers.isEmpty()) {
      return 1_000;
    }
    long millis = (timers.peek().dueNanos - System.nanoTime()) / 1_000_000;
    return Math.max(1, Math.min(1_000, millis));
  }

  private void open(FleetClient client) {
    toOpen.add(client);
  }

  private void openMore() {
    while (opening < maxOpening && !toOpen.isEmpty()) {
      FleetClient client = toOpen.poll();
      if (!client.hasLeft()) {
        opening++;
        client.connect();
      }
    }
  }

  /** A connection has got its {@code hello}, or has failed before. */
  void settled() {
    opening--;
  }

  void openLater(FleetClient client, long millis) {
    client.dueNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    timers.add(client);
  }

  void forgetTimer(FleetClient client) {
    timers.remove(client);
  }

  /** Whether these are the bytes that every other client got at this offset. */
  boolean isKnown(long offset, long hash) {
    if (offset >= hashes.length) {
      hashes = Arrays.copyOf(hashes, Math.toIntExact(Math.max(offset + 1, hashes.length * 2L)));
    }
    int at = (int) offset;
    if (hashes[at] == 0) {
      hashes[at] = hash;
    }
    return hashes[at] == hash;
  }
}
