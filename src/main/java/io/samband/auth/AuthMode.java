package io.samband.auth;

import io.samband.settings.BadSettingException;
import io.samband.settings.Setting;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Who is let in: the setting {@code samband.auth.mode}. */
public enum AuthMode {
  /** Only programs of this machine that call {@code localhost} directly, with all rights. */
  LOCAL,
  /** Only requests with an identity. */
  REQUIRED,
  /** Everybody, with all rights. */
  OPEN;

  private final String wireName = name().toLowerCase(Locale.ROOT);

  static AuthMode parse(String value) {
    return Arrays.stream(values())
        .filter(mode -> mode.wireName.equals(value))
        .findAny()
        .orElseThrow(() -> new BadSettingException(Setting.AUTH_MODE.key(), value, allowed()));
  }

  private static String allowed() {
    return Arrays.stream(values()).map(AuthMode::wireName).collect(Collectors.joining(", "));
  }

  /** The word in settings and in {@code /api/health/ready}. */
  public String wireName() {
    return wireName;
  }
}
