package io.samband.stream;

import java.util.Locale;

/** Why a stream ended: one word for the log, the metrics and, where the client is told, the {@code drain} frame. */
public enum EndReason {
  /** Its client went. */
  GONE,
  /** Its client accepted no byte for the stall timeout. */
  STALLED,
  /** It had the longest life that a stream may have. */
  LIFETIME,
  /** This node stops. */
  SHUTDOWN,
  /** Code of this node closed its sink. */
  CLOSED,
  /** What serves it failed, and nobody knew any more what it had been given. */
  FAILED;

  private final String wireName = name().toLowerCase(Locale.ROOT);

  /** The word, for example {@code gone}. */
  public String wireName() {
    return wireName;
  }
}
