package io.samband.log;

import java.util.List;
import java.util.Optional;

/**
 * Where the embedded log keeps its events: the seam at which tests let a disk fail.
 *
 * <p>One thread opens, appends, trims and closes; {@link #read} may be called by any thread meanwhile. Every method throws
 * {@link LogUnavailableException} when the disk does not do what was asked; after that, only {@link #open} and {@link
 * #close} make sense.
 */
interface Store {
  /** An event about to be stored; the key is null for most. */
  final class Entry {
    private final String type;
    private final byte[] json;
    private final IdempotencyKey key;

    Entry(String type, byte[] json, IdempotencyKey key) {
      this.type = type;
      this.json = json;
      this.key = key;
    }

    String type() {
      return type;
    }

    byte[] json() {
      return json;
    }

    IdempotencyKey key() {
      return key;
    }
  }

  /** A publication that is remembered. */
  record Remembered(long offset, String bodyHash) {}

  /** Events as they are stored, and how far the scan came. */
  record Scan(List<LoggedEvent> events, long through) {}

  /**
   * Opens the store, or opens it again, and begins a new epoch with the next offset.
   *
   * @throws LogOpenException if waiting would not help
   */
  LogState open();

  /** Appends entries from an offset on: all of them durable when this returns, or none. */
  void append(long firstOffset, List<Entry> entries);

  /** Gives offsets, durably, to events that are lost. */
  void lose(Gap gap);

  Optional<Remembered> find(IdempotencyKey key);

  /** The last offset that retention wants gone now; at most a bounded step beyond what is gone already. */
  long trimTarget(LogState state, Retention retention, long nowMillis);

  /** Removes everything up to an offset. */
  void trim(long through);

  /** The stored events with {@code after < offset <= through}; stops early where a bound is reached. */
  Scan read(long after, long through, Epochs epochs, EventFilter filter, int limit, int maxBytes);

  /**
   * Makes what was appended outlive a failure of the operating system or of power, where an append does not do so itself.
   * Called about once a second.
   */
  void flush();

  void close();
}
