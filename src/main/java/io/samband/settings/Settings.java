package io.samband.settings;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The settings of one deployment, read and checked once. Immutable. */
public final class Settings {
  private final Map<Setting, String> values = new EnumMap<>(Setting.class);
  private final Map<Setting, Long> numbers = new EnumMap<>(Setting.class);
  private final Path dataDir;
  private final boolean dataSync;
  private final LogKind logKind;
  private final boolean readyNeedsLog;
  private final String nodeName;
  private final boolean outboxCreateTable;
  private final String httpPath;
  private final List<String> hosts;
  private final List<String> allowedOrigins;
  private final List<String> trustedProxies;

  private Settings(Function<String, Optional<String>> source) {
    for (Setting setting : Setting.values()) {
      String value = source.apply(setting.key()).orElse(setting.defaultValue()).trim();
      values.put(setting, value);
      if (setting.isNumber()) {
        numbers.put(setting, setting.parseNumber(value));
      }
    }
    this.dataDir = directory(Setting.DATA_DIR, values);
    this.dataSync = truth(Setting.DATA_SYNC, values);
    this.logKind = LogKind.of(values.get(Setting.LOG_ENGINE));
    this.readyNeedsLog = values.get(Setting.HEALTH_READY_NEEDS_LOG).isEmpty()
        ? logKind.isShared()
        : truth(Setting.HEALTH_READY_NEEDS_LOG, values);
    this.nodeName = nodeName(values);
    this.outboxCreateTable = truth(Setting.OUTBOX_CREATE_TABLE, values);
    this.httpPath = path(Setting.HTTP_PATH, values);
    this.hosts = hosts(Setting.HOSTS, values);
    this.allowedOrigins = origins(Setting.ALLOWED_ORIGINS, values);
    this.trustedProxies = addresses(Setting.TRUSTED_PROXIES, values);
  }

  /**
   * Reads all settings from a source that answers a key with its value.
   *
   * @param names every name that the source knows, as properties and as environment variables are spelt; one that looks like
   *     a setting of ours and is none is a mistake
   * @throws BadSettingException naming the first bad key, its value and what is allowed
   */
  public static Settings of(Function<String, Optional<String>> source, Iterable<String> names) {
    for (String name : names) {
      // A misspelt key would otherwise silently leave the default in force.
      if (SettingNames.isUnknown(name, source)) {
        throw new BadSettingException(
            name, source.apply(name).orElse(""), "only the keys " + SettingNames.allowed());
      }
    }
    return new Settings(source);
  }

  /** The defaults, except for what the map says. */
  public static Settings of(Map<String, String> overrides) {
    return of(key -> Optional.ofNullable(overrides.get(key)), overrides.keySet());
  }

  /** The value of a setting that is a whole number. */
  public long number(Setting setting) {
    return numbers.get(setting);
  }

  /** As {@link #number}, for settings that are small enough. */
  public int integer(Setting setting) {
    return Math.toIntExact(number(setting));
  }

  /** The value of a setting that is a number of milliseconds. */
  public Duration millis(Setting setting) {
    return Duration.ofMillis(number(setting));
  }

  /** The value as it was given, without surrounding spaces; what it means is checked where it is used. */
  public String text(Setting setting) {
    return values.get(setting);
  }

  /** The parts of a value that is a list separated by commas. */
  public List<String> texts(Setting setting) {
    return list(text(setting));
  }

  /** The directory of the event log, absolute. */
  public Path dataDir() {
    return dataDir;
  }

  /** Whether each commit is flushed to the device. */
  public boolean dataSync() {
    return dataSync;
  }

  /** What keeps the event log. */
  public LogKind logKind() {
    return logKind;
  }

  /** The value of a setting that is true or false. */
  public boolean truth(Setting setting) {
    return truth(setting, values);
  }

  /** How this node is called: as the setting says, or as its host. */
  public String nodeName() {
    return nodeName;
  }

  private static String nodeName(Map<Setting, String> values) {
    String name = values.get(Setting.NODE_NAME);
    if (name.isEmpty()) {
      return hostName();
    }
    if (!name.matches("[A-Za-z0-9._-]{1,63}")) {
      throw new BadSettingException(
          Setting.NODE_NAME.key(), name, "1 to 63 letters, digits, dots, hyphens and underscores");
    }
    return name;
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // A machine whose own name does not resolve. The name is for people only.
      return "unnamed";
    }
  }

  /** Whether a node whose log cannot be written is not ready. */
  public boolean readyNeedsLog() {
    return readyNeedsLog;
  }

  /** Whether the tables of the outbox are made if they are missing. */
  public boolean outboxCreateTable() {
    return outboxCreateTable;
  }

  /** Where the calls are, below the context root; begins with a slash and does not end with one. */
  public String httpPath() {
    return httpPath;
  }

  /** Host names such as {@code desk.example} or {@code desk.example:8443}. */
  public List<String> hosts() {
    return hosts;
  }

  /** Origins such as {@code https://desk.example} or {@code http://localhost:5173}. */
  public List<String> allowedOrigins() {
    return allowedOrigins;
  }

  /** Literal addresses: no name is looked up. */
  public List<String> trustedProxies() {
    return trustedProxies;
  }

  private static Path directory(Setting setting, Map<Setting, String> values) {
    String value = values.get(setting);
    try {
      // A semicolon would end the path and begin options of the database.
      if (!value.isEmpty() && !value.contains(";")) {
        return Path.of(value).toAbsolutePath().normalize();
      }
    } catch (InvalidPathException e) {
      // Falls through to the one message.
    }
    throw new BadSettingException(
        setting.key(), value, "the path of a directory, without a semicolon");
  }

  private static boolean truth(Setting setting, Map<Setting, String> values) {
    String value = values.get(setting);
    if (value.equals("true") || value.equals("false")) {
      return value.equals("true");
    }
    throw new BadSettingException(setting.key(), value, "true or false");
  }

  private static String path(Setting setting, Map<Setting, String> values) {
    String value = values.get(setting);
    // No dots at the beginning of a part, because . and .. are not parts of a path.
    if (!value.matches("(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")) {
      throw new BadSettingException(
          setting.key(),
          value,
          "a path such as /api or /push/v1: letters, digits and . _ ~ - with a slash before each part and none at the end");
    }
    return value;
  }

  private static List<String> hosts(Setting setting, Map<Setting, String> values) {
    List<String> hosts = list(values.get(setting));
    for (String host : hosts) {
      if (!host.matches("(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")) {
        throw new BadSettingException(
            setting.key(),
            host,
            "host names without scheme or path, with or without a port, separated by commas");
      }
    }
    return hosts;
  }

  private static List<String> origins(Setting setting, Map<Setting, String> values) {
    List<String> origins = list(values.get(setting));
    for (String origin : origins) {
      if (!isOrigin(origin)) {
        throw new BadSettingException(
            setting.key(),
            origin,
            "origins of the form https://host or https://host:port, separated by commas");
      }
    }
    return origins;
  }

  private static List<String> addresses(Setting setting, Map<Setting, String> values) {
    List<String> addresses = list(values.get(setting));
    for (String address : addresses) {
      if (!address.matches("[0-9a-fA-F:.]+")) {
        throw new BadSettingException(setting.key(), address, "IP addresses, separated by commas");
      }
    }
    return addresses;
  }

  private static List<String> list(String value) {
    return Arrays.stream(value.split(","))
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
}
