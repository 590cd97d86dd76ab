package io.samband.presence;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The streams of a node, as a test says. */
final class FakeStreams implements LocalStreams {
  private final Map<Long, PresentStream> open = new ConcurrentHashMap<>();

  static PresentStream stream(long id, String user) {
    return new PresentStream(
        id,
        user,
        Instant.parse("2026-11-23T14:00:00.123Z"),
        "10.3.0.1",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36",
        List.of(),
        null);
  }

  FakeStreams with(long id, String user) {
    open.put(id, stream(id, user));
    return this;
  }

  FakeStreams without(long id) {
    open.remove(id);
    return this;
  }

  @Override
  public Collection<PresentStream> open() {
    return List.copyOf(open.values());
  }

  @Override
  public String cursor() {
    return "5f3a9c21-41";
  }
}
