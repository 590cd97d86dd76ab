package io.samband.log.postgres;

import io.samband.settings.BadSettingException;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Properties;
import java.util.regex.Pattern;
import org.postgresql.Driver;

/**
 * Where the shared log is, checked.
 *
 * @param url a JDBC URL, which may name several hosts
 * @param user empty if the URL says it, or nobody does
 * @param passwordFile null for none
 * @param schema that has the tables
 * @param synchronous whether a server without a synchronous standby is refused
 * @param node how this node is called in the log of the server and in its tables
 */
public record PostgresSettings(
    String url, String user, Path passwordFile, String schema, boolean synchronous, String node) {
  /** Plain names only, so that nobody has to think of how the name has to be quoted. */
  private static final Pattern SCHEMA = Pattern.compile("[a-z_][a-z0-9_]{0,62}");

  /**
   * What the settings say.
   *
   * @throws BadSettingException naming the first bad key, its value and what is allowed
   */
  public static PostgresSettings of(Settings settings) {
    return new PostgresSettings(
        url(settings),
        settings.text(Setting.POSTGRESQL_USER),
        passwordFile(settings),
        schema(settings),
        settings.truth(Setting.POSTGRESQL_SYNCHRONOUS),
        settings.nodeName());
  }

  private static String url(Settings settings) {
    String url = settings.text(Setting.POSTGRESQL_URL);
    Properties parsed = url.startsWith("jdbc:postgresql:") ? Driver.parseURL(url, null) : null;
    if (parsed == null) {
      throw new BadSettingException(
          Setting.POSTGRESQL_URL.key(),
          withoutParameters(url),
          "a JDBC URL such as jdbc:postgresql://db1.example,db2.example/samband");
    }
    return url;
  }

  /** The URL as it may be shown: its parameters may include a password. */
  private static String withoutParameters(String url) {
    int parameters = url.indexOf('?');
    return parameters < 0 ? url : url.substring(0, parameters);
  }

  private static Path passwordFile(Settings settings) {
    String value = settings.text(Setting.POSTGRESQL_PASSWORD_FILE);
    if (value.isEmpty()) {
      return null;
    }
    try {
      Path file = Path.of(value).toAbsolutePath();
      if (Files.isRegularFile(file) && Files.isReadable(file)) {
        return file;
      }
    } catch (InvalidPathException e) {
      // Falls through to the one message.
    }
    throw new BadSettingException(
        Setting.POSTGRESQL_PASSWORD_FILE.key(),
        value,
        "the path of a file that this process can read, with the password and nothing else");
  }

  private static String schema(Settings settings) {
    String schema = settings.text(Setting.POSTGRESQL_SCHEMA);
    if (!SCHEMA.matcher(schema).matches() || schema.startsWith("pg_")) {
      throw new BadSettingException(
          Setting.POSTGRESQL_SCHEMA.key(),
          schema,
          "a name of lower-case letters, digits and underscores, which does not begin with pg_");
    }
    return schema;
  }

  /** Where the log is, for messages. */
  String shownUrl() {
    return withoutParameters(url);
  }
}
