package io.samband.stream.fanout;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** How many streams are open, in all and by address. Thread-safe. */
public final class OpenStreams {
  private final AtomicInteger all = new AtomicInteger();
  private final ConcurrentHashMap<String, Integer> byAddress = new ConcurrentHashMap<>();

  void add(String address) {
    all.incrementAndGet();
    byAddress.merge(address, 1, Integer::sum);
  }

  void remove(String address) {
    all.decrementAndGet();
    byAddress.computeIfPresent(address, (unused, count) -> count == 1 ? null : count - 1);
  }

  public int count() {
    return all.get();
  }

  public int countOf(String address) {
    return byAddress.getOrDefault(address, 0);
  }
}
