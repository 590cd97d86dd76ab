package io.samband.event;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where an event stands in one event log: {@code epoch-offset}, for example {@code 5f3a9c21-42}.
 *
 * <p>The offset counts 1, 2, 3 … without a gap for as long as the log lives. The epoch names one opening of the log, so that
 * an id of a log that was restored from a backup is never mistaken for a position in the log as it is now.
 *
 * @param epoch 8 lower-case hex digits
 * @param offset 0 (before the first event) or more
 */
public record EventId(String epoch, long offset) {
  private static final Pattern EPOCH = Pattern.compile("[0-9a-f]{8}");
  // 18 digits always fit a long; no leading zeros, so that an id has one spelling only.
  private static final Pattern ID = Pattern.compile("([0-9a-f]{8})-(0|[1-9][0-9]{0,17})");

  /** Never assigned to an event: a cursor that no log knows. */
  public static final EventId UNKNOWN = new EventId("00000000", 0);

  /**
   * Makes an id of its parts.
   *
   * @param epoch 8 lower-case hex digits
   * @param offset 0 or more
   * @throws IllegalArgumentException if the epoch is not 8 lower-case hex digits, or the offset is negative
   */
  public EventId {
    if (!EPOCH.matcher(epoch).matches()) {
      throw new IllegalArgumentException("epoch is not 8 lower-case hex digits: " + epoch);
    }
    if (offset < 0) {
      throw new IllegalArgumentException("offset is negative: " + offset);
    }
  }

  /**
   * Reads a {@code Last-Event-ID}, which a client may set to anything.
   *
   * @param lastEventId may be null
   * @return empty if it is not well-formed
   */
  public static Optional<EventId> parse(String lastEventId) {
    if (lastEventId == null || lastEventId.length() > 27) {
      return Optional.empty();
    }
    var matcher = ID.matcher(lastEventId);
    return matcher.matches()
        ? Optional.of(new EventId(matcher.group(1), Long.parseLong(matcher.group(2))))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return epoch + '-' + offset;
  }
}
