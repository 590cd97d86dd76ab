package io.samband.dispatch;

import io.samband.settings.BadSettingException;
import io.samband.settings.NamedDataSource;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import io.samband.settings.SettingsCheck;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Persistence;
import jakarta.transaction.Transactional;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;

/** The database of the vehicles: the data source that is configured, or the server's default one. Any thread. */
@ApplicationScoped
public class VehicleDatabase {
  private static final String DEFAULT_DATA_SOURCE = "java:comp/DefaultDataSource";
  private static final String UNIT = "samband-dispatch";

  @Inject
  private Settings settings;

  @Inject
  private VehicleDatabase self;

  private volatile EntityManagerFactory factory;

  /**
   * Checks the data source that is configured. If none is, nothing is done: a server without a default data source has no
   * vehicles, and everything else.
   *
   * @throws BadSettingException if it cannot be used; the message says why
   */
  void check(@Observes SettingsCheck check) {
    String name = settings.text(Setting.DISPATCH_DATA_SOURCE);
    if (!name.isEmpty()) {
      DataSource dataSource = NamedDataSource.lookUp(Setting.DISPATCH_DATA_SOURCE, name);
      String problem = problemOf(dataSource);
      if (problem != null) {
        throw new BadSettingException(
            Setting.DISPATCH_DATA_SOURCE.key(),
            name,
            "a JTA data source where the table samband_vehicle is or can be made; " + problem);
      }
    }
  }

  private String problemOf(DataSource dataSource) {
    try {
      if (!self.takesPartInTransactions(dataSource)) {
        return "its connections do not take part in transactions";
      }
      createTable(dataSource);
      return null;
    } catch (SQLException | RuntimeException e) {
      return e.getMessage();
    }
  }

  private static void createTable(DataSource dataSource) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      VehicleTable.createIfMissing(connection);
    }
  }

  /** Whether a connection that is taken within a transaction belongs to it. */
  @Transactional(Transactional.TxType.REQUIRES_NEW)
  public boolean takesPartInTransactions(DataSource dataSource) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      return !connection.getAutoCommit();
    }
  }

  /**
   * Connects JPA with the data source, and makes the table if it is missing, unless that has been done. Not within a
   * transaction: a rollback would take the table away again.
   *
   * @throws IllegalStateException if the database cannot be used now; the next call tries again
   */
  @Transactional(Transactional.TxType.NEVER)
  public synchronized void open() {
    if (factory == null) {
      String name = settings.text(Setting.DISPATCH_DATA_SOURCE);
      DataSource dataSource = NamedDataSource.lookUp(
          Setting.DISPATCH_DATA_SOURCE, name.isEmpty() ? DEFAULT_DATA_SOURCE : name);
      try {
        createTable(dataSource);
      } catch (SQLException e) {
        throw new IllegalStateException("the table of vehicles cannot be made", e);
      }
      factory = Persistence.createEntityManagerFactory(
          UNIT, Map.of("jakarta.persistence.jtaDataSource", dataSource));
    }
  }

  /** Entities of the transaction of the calling thread, if it has one; {@link #open} comes first. Close it. */
  public EntityManager entities() {
    return factory.createEntityManager();
  }

  @PreDestroy
  void close() {
    if (factory != null) {
      factory.close();
    }
  }
}
