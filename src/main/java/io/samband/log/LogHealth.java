package io.samband.log;

import java.util.Locale;

/**
 * Whether appends succeed at the moment, and if not, why and since when.
 *
 * @param status whether events are being made durable
 * @param sinceMillis for how many milliseconds the status has been other than {@link Status#OK}; 0 if it is OK
 * @param problem the reason in words, or null if the status is {@link Status#OK}
 * @param pending events that wait in memory to be stored
 * @param waitingMillis for how many milliseconds the oldest of them has waited; 0 if none does
 * @param lost events that were dropped since the start, because too many waited while the log failed
 * @param unreadable stored events that were found damaged since the start
 */
public record LogHealth(
    Status status,
    long sinceMillis,
    String problem,
    int pending,
    long waitingMillis,
    long lost,
    long unreadable) {
  /** Whether events are being made durable. */
  public enum Status {
    /** Appends succeed. */
    OK,
    /** No append has succeeded for {@code samband.publish.wait-millis}, although events wait; or the log is closed. */
    FAILING,
    /** The log is kept elsewhere, and cannot be asked at the moment. */
    STALE;

    private final String wireName = name().toLowerCase(Locale.ROOT);

    /** The word on the wire, for example {@code failing}. */
    public String wireName() {
      return wireName;
    }
  }

  /** Whether events are being made durable. */
  public boolean isOk() {
    return status == Status.OK;
  }

  /** The same, but that the log cannot be asked, which is told before anything else. */
  public LogHealth stale(long unconfirmedMillis) {
    String reason = "the shared log has not answered for " + unconfirmedMillis + " ms";
    return new LogHealth(
        Status.STALE, unconfirmedMillis, reason, pending, waitingMillis, lost, unreadable);
  }

  /** The data of the control frame {@code status}: {@code {"log":"ok","sinceMillis":0}}. */
  public String statusJson() {
    return "{\"log\":\"" + status.wireName() + "\",\"sinceMillis\":" + sinceMillis + '}';
  }
}
