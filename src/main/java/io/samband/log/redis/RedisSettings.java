package io.samband.log.redis;

import io.samband.settings.BadSettingException;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redis.clients.jedis.HostAndPort;

/**
 * The settings {@code samband.redis.*}, checked. Immutable.
 *
 * @param hosts the server, or the Sentinels that know which one it is
 * @param master the name by which Sentinels know the primary; empty if there are none
 * @param user empty for the default user
 * @param passwordFile null if no password is needed
 * @param replicas how many replicas must have an event before it is acknowledged and delivered
 */
record RedisSettings(
    List<HostAndPort> hosts,
    String master,
    boolean tls,
    String user,
    int database,
    Path passwordFile,
    String keyPrefix,
    int replicas) {
  private static final int REDIS_PORT = 6379;
  private static final int SENTINEL_PORT = 26379;

  private static final String HOST = "([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(?::([0-9]{1,5}))?";
  private static final Pattern SENTINEL = Pattern.compile("(rediss?://)?" + HOST);
  private static final Pattern URL =
      Pattern.compile("(rediss?)://(?:([^:@/]+)@)?" + HOST + "(?:/([0-9]{1,4})?)?");
  // Braces would change the hash slot, glob characters the meaning of an access rule.
  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._:-]{1,100}");

  RedisSettings {
    hosts = List.copyOf(hosts);
  }

  /**
   * What the settings say.
   *
   * @throws BadSettingException naming the first bad key, its value and what is allowed
   */
  static RedisSettings of(Settings settings) {
    boolean byUrl = !settings.text(Setting.REDIS_URL).isEmpty();
    boolean bySentinel = !settings.text(Setting.REDIS_SENTINELS).isEmpty();
    if (byUrl == bySentinel) {
      throw new BadSettingException(
          Setting.REDIS_URL.key(),
          shown(settings.text(Setting.REDIS_URL)),
          "with samband.log.engine=redis either this or " + Setting.REDIS_SENTINELS.key());
    }
    if (bySentinel == settings.text(Setting.REDIS_MASTER).isEmpty()) {
      throw new BadSettingException(
          Setting.REDIS_MASTER.key(),
          settings.text(Setting.REDIS_MASTER),
          "the name that the Sentinels give the primary, with " + Setting.REDIS_SENTINELS.key()
              + " and only then");
    }
    return byUrl ? byUrl(settings) : bySentinels(settings);
  }

  private static RedisSettings byUrl(Settings settings) {
    String url = settings.text(Setting.REDIS_URL);
    Matcher matcher = URL.matcher(url);
    if (!matcher.matches()) {
      throw new BadSettingException(
          Setting.REDIS_URL.key(),
          shown(url),
          "redis://host:port or rediss://host:port, with user@ before the host if the user is not"
              + " the default one, /number after it for another database, and the password in "
              + Setting.REDIS_PASSWORD_FILE.key());
    }
    return new RedisSettings(
        List.of(host(Setting.REDIS_URL, matcher.group(3), matcher.group(4), REDIS_PORT)),
        "",
        matcher.group(1).equals("rediss"),
        matcher.group(2) == null ? "" : matcher.group(2),
        matcher.group(5) == null ? 0 : Integer.parseInt(matcher.group(5)),
        passwordFile(settings),
        prefix(settings),
        settings.integer(Setting.REDIS_REPLICAS));
  }

  private static RedisSettings bySentinels(Settings settings) {
    List<HostAndPort> hosts = new ArrayList<>();
    int withTls = 0;
    for (String sentinel : settings.texts(Setting.REDIS_SENTINELS)) {
      Matcher matcher = SENTINEL.matcher(sentinel);
      if (!matcher.matches()) {
        throw badSentinels(settings);
      }
      withTls += "rediss://".equals(matcher.group(1)) ? 1 : 0;
      hosts.add(host(Setting.REDIS_SENTINELS, matcher.group(2), matcher.group(3), SENTINEL_PORT));
    }
    if (hosts.isEmpty() || (withTls != 0 && withTls != hosts.size())) {
      throw badSentinels(settings);
    }
    return new RedisSettings(
        hosts,
        settings.text(Setting.REDIS_MASTER),
        withTls > 0,
        "",
        0,
        passwordFile(settings),
        prefix(settings),
        settings.integer(Setting.REDIS_REPLICAS));
  }

  private static BadSettingException badSentinels(Settings settings) {
    return new BadSettingException(
        Setting.REDIS_SENTINELS.key(),
        settings.text(Setting.REDIS_SENTINELS),
        "host:port of the Sentinels, comma-separated; with TLS each as rediss://host:port");
  }

  private static HostAndPort host(Setting setting, String host, String port, int defaultPort) {
    int number = port == null ? defaultPort : Integer.parseInt(port);
    if (number < 1 || number > 65_535) {
      throw new BadSettingException(setting.key(), host + ":" + port, "a port from 1 to 65535");
    }
    // As sockets want it: an IPv6 address without its brackets.
    return new HostAndPort(host.replaceAll("[\\[\\]]", ""), number);
  }

  private static Path passwordFile(Settings settings) {
    String value = settings.text(Setting.REDIS_PASSWORD_FILE);
    if (value.isEmpty()) {
      return null;
    }
    try {
      Path file = Path.of(value).toAbsolutePath().normalize();
      if (Files.isReadable(file) && Files.isRegularFile(file)) {
        return file;
      }
    } catch (InvalidPathException e) {
      // Falls through to the one message.
    }
    throw new BadSettingException(
        Setting.REDIS_PASSWORD_FILE.key(), value, "the path of a file that this process can read");
  }

  private static String prefix(Settings settings) {
    String value = settings.text(Setting.REDIS_KEY_PREFIX);
    if (!PREFIX.matcher(value).matches()) {
      throw new BadSettingException(
          Setting.REDIS_KEY_PREFIX.key(),
          value,
          "1 to 100 letters, digits, dots, colons, hyphens and underscores");
    }
    return value;
  }

  /** Messages are logged, and somebody may have put the password into the URL. */
  private static String shown(String url) {
    return url.replaceAll(":[^:@/]*@", ":…@");
  }

  boolean hasSentinels() {
    return !master.isEmpty();
  }

  /** For messages: where the log is, without secrets. */
  String place() {
    return hasSentinels()
        ? "the primary " + master + " of the Sentinels " + hosts
        : hosts.get(0).toString();
  }
}
