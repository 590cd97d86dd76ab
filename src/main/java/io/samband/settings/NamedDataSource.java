package io.samband.settings;

import java.util.regex.Pattern;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;

/** A data source of this server that a setting names in JNDI. */
public final class NamedDataSource {
  /** Not the URL of a directory that is somewhere else. */
  private static final Pattern LOCAL_NAME = Pattern.compile("java:.+|[^:]+");

  private NamedDataSource() {}

  /**
   * Looks up what a setting names. Any thread of the container that belongs to the deployment.
   *
   * @throws BadSettingException if there is no data source of this name; the message says what is there
   */
  @SuppressWarnings("BanJNDI") // The name is a setting, and can only be one of this server.
  public static DataSource lookUp(Setting setting, String name) {
    if (!LOCAL_NAME.matcher(name).matches()) {
      throw refused(
          setting,
          name,
          "the JNDI name of a data source of this server: java:… or a name without a colon");
    }
    try {
      if (InitialContext.doLookup(name) instanceof DataSource found) {
        return found;
      }
    } catch (NamingException e) {
      throw refused(
          setting,
          name,
          "the JNDI name of a data source, such as java:comp/DefaultDataSource; there is"
              + " nothing of this name: " + e);
    }
    throw refused(
        setting, name, "the JNDI name of a data source; what has this name is something else");
  }

  private static BadSettingException refused(Setting setting, String name, String allowed) {
    return new BadSettingException(setting.key(), name, allowed);
  }
}
