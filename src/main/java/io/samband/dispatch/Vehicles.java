package io.samband.dispatch;

import io.samband.event.SSEEvent;
import io.samband.event.SSEEventType;
import io.samband.event.Timestamps;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.transaction.Transactional;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** The vehicles, in a table of the server's default data source. Every change is one transaction, pushed when it commits. */
@ApplicationScoped
public class Vehicles {
  @Resource(lookup = "java:comp/DefaultDataSource")
  private DataSource dataSource;

  @Inject
  private Event<SSEEvent> push;

  @PostConstruct
  void createTable() {
    try (Connection connection = dataSource.getConnection();
        var statement = connection.createStatement()) {
      statement.execute("CREATE TABLE IF NOT EXISTS samband_vehicle (id VARCHAR(32) PRIMARY KEY,"
          + " status VARCHAR(32) NOT NULL, version BIGINT NOT NULL,"
          + " updated_at VARCHAR(24) NOT NULL)");
    } catch (SQLException e) {
      throw new IllegalStateException("the table of vehicles cannot be made", e);
    }
  }

  /** Somebody else has changed the vehicle since the sender saw it. The transaction is rolled back. */
  public static final class ChangedMeanwhileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Vehicle current;

    ChangedMeanwhileException(Vehicle current) {
      super("vehicle " + current.id() + " has version " + current.version());
      this.current = current;
    }

    Vehicle current() {
      return current;
    }
  }

  /**
   * Changes a vehicle's status, or makes the vehicle; fires within the transaction, so nothing is pushed if it fails.
   *
   * @param seen the version that the sender has seen, 0 for a new vehicle; null to overwrite any
   * @throws ChangedMeanwhileException if it has another version
   */
  @Transactional
  public Vehicle change(String id, String status, Long seen) {
    try (Connection connection = dataSource.getConnection()) {
      lock(connection, id);
      Vehicle current = locked(connection, id);
      if (seen != null && seen != current.version()) {
        throw new ChangedMeanwhileException(current);
      }
      Vehicle changed =
          new Vehicle(id, status, current.version() + 1, Timestamps.format(Instant.now()));
      try (PreparedStatement update = connection.prepareStatement(
          "UPDATE samband_vehicle SET status = ?, version = ?, updated_at = ? WHERE id = ?")) {
        update.setString(1, changed.status());
        update.setLong(2, changed.version());
        update.setString(3, changed.updatedAt());
        update.setString(4, changed.id());
        update.executeUpdate();
      }
      push.fire(SSEEvent.of(SSEEventType.BILSTATUS_UPDATE, changed));
      return changed;
    } catch (SQLException e) {
      throw new IllegalStateException("the status of vehicle " + id + " cannot be stored", e);
    }
  }

  /** Makes the row if there is none, and holds it until the transaction ends: changes of one vehicle take turns. */
  private static void lock(Connection connection, String id) throws SQLException {
    try (PreparedStatement merge = connection.prepareStatement(
        "MERGE INTO samband_vehicle AS v USING (VALUES (CAST(? AS VARCHAR(32)))) AS n (id)"
            + " ON v.id = n.id WHEN MATCHED THEN UPDATE SET version = v.version"
            + " WHEN NOT MATCHED THEN INSERT VALUES (n.id, '', 0, '')")) {
      merge.setString(1, id);
      merge.executeUpdate();
    }
  }

  private static Vehicle locked(Connection connection, String id) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(
        "SELECT id, status, version, updated_at FROM samband_vehicle WHERE id = ?")) {
      query.setString(1, id);
      try (ResultSet rows = query.executeQuery()) {
        rows.next();
        return vehicle(rows);
      }
    }
  }

  private static Vehicle vehicle(ResultSet rows) throws SQLException {
    return new Vehicle(rows.getString(1), rows.getString(2), rows.getLong(3), rows.getString(4));
  }

  public List<Vehicle> all() {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement query = connection.prepareStatement(
            "SELECT id, status, version, updated_at FROM samband_vehicle ORDER BY id");
        ResultSet rows = query.executeQuery()) {
      List<Vehicle> vehicles = new ArrayList<>();
      while (rows.next()) {
        vehicles.add(vehicle(rows));
      }
      return vehicles;
    } catch (SQLException e) {
      throw new IllegalStateException("the vehicles cannot be read", e);
    }
  }
}
