package io.samband.settings;

import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The settings of one deployment, read and checked once. Immutable. */
public final class Settings {
  private static final String PREFIX = "samband.";

  private final Map<Setting, String> values = new EnumMap<>(Setting.class);

  private Settings(Function<String, Optional<String>> source) {
    for (Setting setting : Setting.values()) {
      values.put(
          setting, source.apply(setting.key()).orElse(setting.defaultValue()).trim());
    }
    check();
  }

  /**
   * Reads all settings from a source that answers a key with its value.
   *
   * @param names every key that the source knows; one that starts with {@code samband.} and is none of ours is a mistake
   * @throws BadSettingException naming the first bad key, its value and what is allowed
   */
  public static Settings of(Function<String, Optional<String>> source, Iterable<String> names) {
    Set<String> known = Stream.of(Setting.values()).map(Setting::key).collect(Collectors.toSet());
    for (String name : names) {
      // A misspelt key would otherwise be a default that nobody asked for.
      if (name.startsWith(PREFIX)
          && !known.contains(name)
          && !isSpeltFromEnvironment(name, source)) {
        throw new BadSettingException(
            name,
            source.apply(name).orElse(""),
            "only the keys " + known.stream().sorted().collect(Collectors.joining(", ")));
      }
    }
    return new Settings(source);
  }

  // From SAMBAND_DATA_DIR some containers also report a "samband.data.dir", and from a variable
  // whose key has a hyphen a name that is no key, because they cannot know where hyphens stood.
  private static boolean isSpeltFromEnvironment(
      String name, Function<String, Optional<String>> source) {
    return Stream.of(Setting.values())
        .map(Setting::key)
        .filter(key -> key.replace('-', '.').equals(name))
        .anyMatch(key -> source.apply(key).isPresent());
  }

  /** The defaults, but for what the map says. */
  public static Settings of(Map<String, String> overrides) {
    return of(key -> Optional.ofNullable(overrides.get(key)), overrides.keySet());
  }

  /** The value of a setting that is a whole number. */
  public long number(Setting setting) {
    return setting.parseNumber(values.get(setting));
  }

  /** As {@link #number}, for settings that are small enough. */
  public int integer(Setting setting) {
    return Math.toIntExact(number(setting));
  }

  /** The value of a setting that is a number of milliseconds. */
  public Duration millis(Setting setting) {
    return Duration.ofMillis(number(setting));
  }

  public Path dataDir() {
    String value = values.get(Setting.DATA_DIR);
    try {
      // A semicolon would end the path and begin options of the database.
      if (!value.isEmpty() && !value.contains(";")) {
        return Path.of(value).toAbsolutePath().normalize();
      }
    } catch (InvalidPathException e) {
      // Falls through to the one message.
    }
    throw new BadSettingException(
        Setting.DATA_DIR.key(), value, "the path of a directory, without a semicolon");
  }

  public boolean dataSync() {
    String value = values.get(Setting.DATA_SYNC);
    if (value.equals("true") || value.equals("false")) {
      return value.equals("true");
    }
    throw new BadSettingException(Setting.DATA_SYNC.key(), value, "true or false");
  }

  /** Origins such as {@code https://desk.example} or {@code http://localhost:5173}. */
  public List<String> allowedOrigins() {
    List<String> origins = list(Setting.ALLOWED_ORIGINS);
    for (String origin : origins) {
      if (!isOrigin(origin)) {
        throw new BadSettingException(
            Setting.ALLOWED_ORIGINS.key(),
            origin,
            "origins of the form https://host or https://host:port, separated by commas");
      }
    }
    return origins;
  }

  /** Literal addresses, without a look-up of names. */
  public List<String> trustedProxies() {
    List<String> proxies = list(Setting.TRUSTED_PROXIES);
    for (String proxy : proxies) {
      if (!proxy.matches("[0-9a-fA-F:.]+")) {
        throw new BadSettingException(
            Setting.TRUSTED_PROXIES.key(), proxy, "IP addresses, separated by commas");
      }
    }
    return proxies;
  }

  private List<String> list(Setting setting) {
    return Arrays.stream(values.get(setting).split(","))
        .map(String::trim)
        .filter(item -> !item.isEmpty())
        .toList();
  }

  private static boolean isOrigin(String origin) {
    try {
      URI uri = URI.create(origin);
      // As browsers spell it: in lower case, and without anything but scheme, host and port.
      return uri.getHost() != null
          && uri.getUserInfo() == null
          && origin.matches("https?://[a-z0-9.:\\[\\]-]+");
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void check() {
    for (Setting setting : Setting.values()) {
      if (setting.isNumber()) {
        number(setting);
      }
    }
    dataDir();
    dataSync();
    allowedOrigins();
    trustedProxies();
  }
}
