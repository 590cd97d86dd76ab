package io.samband.auth.token;

import io.samband.settings.BadSettingException;
import io.samband.settings.Setting;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Path;

/** What {@code samband.auth.jwt.keys} names: one of a file and a URL, the other is null. */
record KeyLocation(Path file, URL url) {
  /**
   * Reads the setting.
   *
   * @param secret whether it must be a file, as a secret is never fetched
   */
  static KeyLocation of(String value, boolean secret) {
    try {
      if (value.regionMatches(true, 0, "https:", 0, 6) && !secret) {
        return new KeyLocation(null, url(URI.create(value)));
      }
      if (value.startsWith("file:")) {
        return new KeyLocation(Path.of(URI.create(value)), null);
      }
      if (!value.matches("(?s)[A-Za-z][A-Za-z0-9+.-]+:.*")) {
        return new KeyLocation(Path.of(value), null);
      }
    } catch (IllegalArgumentException | MalformedURLException | FileSystemNotFoundException e) {
      // Falls through to the one message. An InvalidPathException is an IllegalArgumentException.
    }
    throw new BadSettingException(Setting.JWT_KEYS.key(), value, Setting.JWT_KEYS.meaning());
  }

  private static URL url(URI uri) throws MalformedURLException {
    if (uri.getHost() == null || uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
      throw new IllegalArgumentException("not a plain https URL");
    }
    return uri.toURL();
  }
}
