package io.samband.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * One scenario against one target: connects the subscribers, publishes, reads everything. One thread and one selector for all
 * of it, so that its own cost is small and the same for every target.
 */
final class LoadRun implements AutoCloseable {
  /** Bytes that are free in front of what {@link #input} takes. */
  static final int HEADROOM = 256;

  private static final long ORIGIN = System.nanoTime();
  private static final int SOURCE_ADDRESSES = 8;
  private static final int CONNECTS_IN_FLIGHT = 200;
  private static final int PUBLISHERS = 4;

  /** Events that may be on their way when there is no rate: enough to keep a server busy, too few to drown it. */
  private static final int WINDOW = 64;

  private static final long CONNECT_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(3);
  private static final long LOST_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long SPIN_NANOS = TimeUnit.MICROSECONDS.toNanos(1500);

  final Target target;
  final Tally tally;
  final Selector selector;
  private final Scenario scenario;
  private final byte[] bytes = new byte[HEADROOM + 256 * 1024];
  private final ByteBuffer buffer = ByteBuffer.wrap(bytes);
  private final List<StreamReader> readers = new ArrayList<>();
  private final List<PublishConnection> publishers = new ArrayList<>();
  private final boolean manySources = hasManyLoopbackAddresses();
  private final String pad;
  private int padding;
  private long progressNanos;

  LoadRun(Target target, Scenario scenario) throws IOException {
    this.target = target;
    this.scenario = scenario;
    this.tally = new Tally(scenario.types());
    this.selector = Selector.open();
    this.pad = "a".repeat(scenario.size());
  }

  /** Nanoseconds since this class was loaded. */
  static long now() {
    return System.nanoTime() - ORIGIN;
  }

  /** Empty, with {@link #HEADROOM} in front of its position; shared by all. */
  ByteBuffer input() {
    return buffer.clear().position(HEADROOM);
  }

  /** What {@link #input} puts its bytes into. */
  byte[] bytes() {
    return bytes;
  }

  /** Bytes after a marker in which there is no other. */
  int padding() {
    return padding;
  }

  /** Opens all streams; those that stall come first, where a list would have them first. */
  void connect() throws IOException {
    long deadline = now() + CONNECT_NANOS;
    int all = scenario.stalled() + scenario.clients();
    while (now() < deadline) {
      long connecting = count(StreamReader.State.CONNECTING) + count(StreamReader.State.WAITING);
      if (readers.size() == all && connecting == 0) {
        break;
      }
      for (; readers.size() < all && connecting < CONNECTS_IN_FLIGHT; connecting++) {
        open(readers.size());
      }
      selector.select(this::handle, 20);
    }
    for (int i = 0; i < PUBLISHERS; i++) {
      publishers.add(new PublishConnection(this));
    }
    idle(TimeUnit.MILLISECONDS.toNanos(700));
  }

  private long count(StreamReader.State state) {
    return readers.stream().filter(reader -> reader.state == state).count();
  }

  private void open(int number) throws IOException {
    boolean stalled = number < scenario.stalled();
    int type = number % scenario.types();
    String request = "GET " + target.streamPath(type, scenario.types())
        + " HTTP/1.1\r\nHost: 127.0.0.1:" + target.port()
        + "\r\nAccept: text/event-stream\r\nCache-Control: no-cache\r\n"
        + target.headers().apply(number) + "\r\n";
    SocketChannel channel = connect(manySources ? 2 + number % SOURCE_ADDRESSES : 0);
    var reader = new StreamReader(
        this, channel, request.getBytes(StandardCharsets.ISO_8859_1), type, stalled);
    readers.add(reader);
    channel.register(selector, SelectionKey.OP_CONNECT, reader);
  }

  /** A connection from 127.0.0.{@code source}, or from wherever the system likes if it is 0. */
  SocketChannel connect(int source) throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    if (source > 0) {
      channel.bind(loopback(source));
    }
    channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target.port()));
    return channel;
  }

  private static InetSocketAddress loopback(int source) throws IOException {
    return new InetSocketAddress(
        InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) source}), 0);
  }

  private static boolean hasManyLoopbackAddresses() {
    try (SocketChannel channel = SocketChannel.open()) {
      channel.bind(loopback(2));
      return true;
    } catch (IOException onlyOne) {
      return false;
    }
  }

  private void handle(SelectionKey key) {
    ((Connection) key.attachment()).ready(key);
  }

  /** Lets the connections do what they have to, for some time. */
  void idle(long nanos) throws IOException {
    long end = now() + nanos;
    while (now() < end) {
      reopenPublishers();
      selector.select(this::handle, 20);
    }
  }

  private void reopenPublishers() throws IOException {
    for (PublishConnection publisher : publishers) {
      publisher.openIfClosed();
    }
  }

  /** Publishes the scenario's events and reads until everybody has all of them, or nothing comes any more. */
  Result measure() throws IOException {
    int[] subscribers = tally.openByType();
    double serverCpu = CpuTime.seconds(target.pid());
    double ownCpu = CpuTime.seconds(ProcessHandle.current().pid());
    long start = now();
    tally.start(start);
    progressNanos = start;
    if (scenario.isSaturated()) {
      publishSaturated(start + (long) (scenario.seconds() * 1e9));
    } else {
      publishAtRate(start);
    }
    long end = now();
    await(
        () -> tally.outstanding() == 0 && publishers.stream().noneMatch(PublishConnection::isBusy),
        () -> Math.max(end, tally.lastDeliveryNanos) + DRAIN_NANOS);
    return new Result(
        target.name(),
        scenario,
        counts(subscribers),
        latencies(),
        (tally.lastDeliveryNanos - start) / 1e9,
        CpuTime.seconds(target.pid()) - serverCpu,
        CpuTime.seconds(ProcessHandle.current().pid()) - ownCpu);
  }

  private Result.Counts counts(int[] subscribers) {
    Stream<StreamReader> reading = readers.stream().filter(reader -> !reader.stalled);
    return new Result.Counts(
        total(subscribers),
        total(subscribers) - total(tally.openByType()),
        tally.published,
        tally.acknowledged,
        tally.publishFailures,
        (int) publishers.stream().filter(PublishConnection::isBusy).count(),
        tally.delivered,
        Tally.expected(tally.published, subscribers),
        tally.doubled,
        (int) reading
            .filter(reader -> reader.status == 200 && reader.position == 0)
            .count());
  }

  private static int total(int[] subscribersByType) {
    return Arrays.stream(subscribersByType).sum();
  }

  private Result.Latencies latencies() {
    return new Result.Latencies(
        tally.latency.millis(0.5),
        tally.latency.millis(0.99),
        tally.latency.maxMillis(),
        tally.publish.millis(0.5),
        tally.publish.millis(0.99));
  }

  /** Latency counts from when an event was due: a publish that hangs makes the later ones late, as it does in life. */
  private void publishAtRate(long start) throws IOException {
    long interval = (long) (1e9 / scenario.rate());
    long giveUp = start + interval * scenario.events() + DRAIN_NANOS * 4;
    while (tally.published < scenario.events() && now() < giveUp) {
      long due = start + tally.published * interval;
      long wait = due - now();
      if (wait > SPIN_NANOS) {
        selector.select(this::handle, Math.max(1, (wait - SPIN_NANOS) / 1_000_000));
      } else {
        selector.selectNow(this::handle);
      }
      if (now() >= due && !publishByAnyone(due)) {
        reopenPublishers();
        selector.select(this::handle, 1);
      }
    }
  }

  private void publishSaturated(long end) throws IOException {
    while (now() < end) {
      int outstanding = tally.outstanding();
      boolean any = false;
      while (outstanding < WINDOW && publishByAnyone(now())) {
        outstanding++;
        any = true;
      }
      if (any) {
        progressNanos = now();
      } else if (outstanding >= WINDOW && now() - progressNanos > LOST_NANOS) {
        tally.giveUpOldest();
        progressNanos = now();
      }
      reopenPublishers();
      selector.select(this::handle, 20);
    }
  }

  private boolean publishByAnyone(long intended) {
    for (PublishConnection publisher : publishers) {
      if (publisher.isIdle()) {
        publisher.publish(event(intended, tally.published++));
        return true;
      }
    }
    return false;
  }

  private String event(long intended, int number) {
    String type = Target.type(number % scenario.types(), scenario.types());
    String front =
        "{\"type\":\"" + type + "\",\"data\":{\"t\":" + intended + ",\"n\":" + number + ",\"p\":\"";
    String back = "\"}}";
    padding = Math.max(0, scenario.size() - front.length() - back.length());
    return front + pad.substring(0, padding) + back;
  }

  private interface Deadline {
    long nanos();
  }

  private void await(BooleanSupplier done, Deadline deadline) throws IOException {
    while (!done.getAsBoolean() && now() < deadline.nanos()) {
      selector.select(this::handle, 10);
    }
  }

  /**
   * Closes all streams. A server sees that a client has left when it writes to it, so there is something to write: the next run
   * would otherwise pay for the dead of this one.
   */
  @Override
  public void close() throws IOException {
    readers.forEach(StreamReader::close);
    for (int i = 0; i < 3 && !publishers.isEmpty(); i++) {
      idle(TimeUnit.MILLISECONDS.toNanos(200));
      publishByAnyone(now());
    }
    await(() -> publishers.stream().noneMatch(PublishConnection::isBusy), deadlineIn(DRAIN_NANOS));
    publishers.forEach(PublishConnection::close);
    selector.close();
  }

  private static Deadline deadlineIn(long nanos) {
    long deadline = now() + nanos;
    return () -> deadline;
  }
}
