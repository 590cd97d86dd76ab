package io.samband.stream.fanout;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Which streams are open, in all, by address and by user. Thread-safe. */
public final class OpenStreams {
  private final Set<Subscriber> all = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> byAddress = new ConcurrentHashMap<>();
  private final Map<String, Set<Subscriber>> byUser = new ConcurrentHashMap<>();

  void add(Subscriber subscriber) {
    all.add(subscriber);
    byAddress.merge(subscriber.peer().address(), 1, Integer::sum);
    subscriber
        .owner()
        .userIfNamed()
        .ifPresent(user -> byUser.compute(user, (unused, streams) -> {
          Set<Subscriber> known = streams == null ? ConcurrentHashMap.newKeySet() : streams;
          known.add(subscriber);
          return known;
        }));
  }

  void remove(Subscriber subscriber) {
    all.remove(subscriber);
    byAddress.computeIfPresent(
        subscriber.peer().address(), (unused, count) -> count == 1 ? null : count - 1);
    subscriber
        .owner()
        .userIfNamed()
        .ifPresent(user -> byUser.computeIfPresent(user, (unused, streams) -> {
          streams.remove(subscriber);
          return streams.isEmpty() ? null : streams;
        }));
  }

  /** All of them, in no order. */
  public Set<Subscriber> all() {
    return Collections.unmodifiableSet(all);
  }

  public int count() {
    return all.size();
  }

  public int countOf(String address) {
    return byAddress.getOrDefault(address, 0);
  }

  /**
   * How many streams a user has. Those in the last part of their life do not count: a client opens the next stream before it closes
   * this one.
   *
   * @param nowNanos of {@link System#nanoTime}
   */
  public long countOfUser(String user, long nowNanos) {
    return ofUser(user).stream()
        .filter(subscriber -> !subscriber.owner().mayBeRenewed(nowNanos))
        .count();
  }

  Set<Subscriber> ofUser(String user) {
    return Set.copyOf(byUser.getOrDefault(user, Set.of()));
  }

  List<Subscriber> ofSession(String sessionId) {
    return all.stream()
        .filter(subscriber -> Objects.equals(sessionId, subscriber.owner().sessionId()))
        .toList();
  }

  Optional<Subscriber> numbered(long number) {
    return all.stream()
        .filter(subscriber -> subscriber.peer().number() == number)
        .findAny();
  }
}
