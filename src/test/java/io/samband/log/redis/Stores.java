package io.samband.log.redis;

import io.samband.event.Audience;
import io.samband.log.Entry;
import io.samband.log.EventFilter;
import io.samband.log.IdempotencyKey;
import io.samband.log.LogEngine.Batch;
import io.samband.log.LogEngine.Scan;
import io.samband.log.LogState;
import io.samband.log.LoggedEvent;
import io.samband.log.Reset;
import io.samband.settings.Settings;
import io.samband.testing.RedisServer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Stores of one test, closed together, and what is appended to them. */
final class Stores implements AutoCloseable {
  private final List<RedisStore> open = new ArrayList<>();

  RedisStore of(RedisServer server, Map<String, String> more) {
    Map<String, String> settings = new HashMap<>(Map.of("samband.redis.url", server.url()));
    settings.putAll(more);
    return of(settings);
  }

  RedisStore of(Map<String, String> settings) {
    RedisStore store = RedisStore.of(Settings.of(settings));
    open.add(store);
    return store;
  }

  @Override
  public void close() {
    open.forEach(RedisStore::close);
  }

  static Batch batch(String node, long number, Entry... entries) {
    return new Batch(node, number, 0, List.of(entries));
  }

  static Batch batchAfterLoss(String node, long number, int lost, Entry... entries) {
    return new Batch(node, number, lost, List.of(entries));
  }

  static Entry entry(String type) {
    return keyed(type, null);
  }

  static Entry keyed(String type, IdempotencyKey key) {
    return new Entry(type, Audience.EVERYBODY, json(type), key);
  }

  static Entry addressed(String type, Audience audience) {
    return new Entry(type, audience, json(type), null);
  }

  static Entry large(String type, int bytes) {
    byte[] json = ("{\"type\":\"" + type + "\",\"data\":\"" + "x".repeat(bytes) + "\"}")
        .getBytes(StandardCharsets.UTF_8);
    return new Entry(type, Audience.EVERYBODY, json, null);
  }

  private static byte[] json(String type) {
    return ("{\"type\":\"" + type + "\"}").getBytes(StandardCharsets.UTF_8);
  }

  static IdempotencyKey key(String value, String body) {
    return IdempotencyKey.of(value, body.getBytes(StandardCharsets.UTF_8));
  }

  /** All that a reader gets who has the state and begins at the beginning: ids with their types, and resets. */
  static List<String> contents(RedisStore store, LogState state) {
    List<String> contents = new ArrayList<>();
    long at = state.oldest() - 1;
    while (at < state.newest()) {
      Reset reset = state.resetFor(at);
      if (reset != null) {
        contents.add("reset to " + reset.id().offset());
        at = reset.id().offset();
        continue;
      }
      Scan scan = store.read(
          at, state.readableThrough(at), EventFilter.ALL, 1_000, 1 << 20, state.epochs());
      for (LoggedEvent event : scan.events()) {
        contents.add(event.offset() + " " + event.type());
      }
      if (scan.through() <= at) {
        throw new AssertionError("nothing after " + at + " of " + state + ", got " + contents);
      }
      at = scan.through();
    }
    return contents;
  }

  /** Whether an append of the other ended a wait before its time. The other has appended as many batches as there are events. */
  static boolean listens(RedisStore store, RedisStore other, LogState state) {
    long number = other.head(state).newest() + 1;
    store.awaitGrowth(50);
    long begun = System.nanoTime();
    CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> store.awaitGrowth(5_000));
    other.append(state.epoch(), batch("b", number, entry("x")));
    waiting.join();
    return System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(5);
  }
}
