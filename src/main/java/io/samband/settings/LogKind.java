package io.samband.settings;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What keeps the event log, as {@code samband.log.engine} says. */
public enum LogKind {
  /** A file of this node. */
  EMBEDDED,
  /** A PostgreSQL server, for several nodes. */
  POSTGRESQL,
  /** A Redis or Valkey server, for several nodes. */
  REDIS;

  /** Whether several nodes have the same log. */
  public boolean isShared() {
    return this != EMBEDDED;
  }

  static LogKind of(String value) {
    return Arrays.stream(values())
        .filter(kind -> kind.word().equals(value))
        .findAny()
        .orElseThrow(() -> new BadSettingException(
            Setting.LOG_ENGINE.key(),
            value,
            Arrays.stream(values()).map(LogKind::word).collect(Collectors.joining(" or "))));
  }

  private String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
