package io.samband.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.samband.testing.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VehicleTableTest {
  /** The databases that are tested. */
  enum Database {
    H2 {
      @Override
      Connection connect() throws SQLException {
        var dataSource = new JdbcDataSource();
        dataSource.setURL("jdbc:h2:mem:vehicles;DB_CLOSE_DELAY=-1");
        return dataSource.getConnection();
      }
    },
    POSTGRESQL {
      @Override
      Connection connect() throws SQLException {
        return PostgresServer.shared().connect();
      }
    };

    abstract Connection connect() throws SQLException;

    void execute(String sql) throws SQLException {
      try (Connection connection = connect();
          Statement statement = connection.createStatement()) {
        statement.execute(sql);
      }
    }
  }

  @BeforeEach
  void dropTables() throws SQLException {
    for (Database database : Database.values()) {
      database.execute("DROP TABLE IF EXISTS samband_vehicle");
    }
  }

  @ParameterizedTest
  @EnumSource
  void severalNodesMayMakeTheTableAtTheSameMomentAndRowsStay(Database database) throws Exception {
    List<CompletableFuture<Void>> nodes = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      nodes.add(CompletableFuture.runAsync(() -> createIfMissing(database)));
    }
    nodes.forEach(CompletableFuture::join);
    database.execute("INSERT INTO samband_vehicle VALUES ('A1', 'available', 1, '')");
    createIfMissing(database);
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT id FROM samband_vehicle")) {
      assertThat(rows.next()).isTrue();
    }
  }

  private static void createIfMissing(Database database) {
    try (Connection connection = database.connect()) {
      VehicleTable.createIfMissing(connection);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aTableWithOtherColumnsIsRefused(Database database) throws SQLException {
    database.execute("CREATE TABLE samband_vehicle (id VARCHAR(32))");
    assertThatThrownBy(() -> createIfMissing(database)).hasRootCauseInstanceOf(SQLException.class);
  }
}
