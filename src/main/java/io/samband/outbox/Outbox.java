package io.samband.outbox;

import io.micrometer.core.instrument.Metrics;
import io.samband.event.SSEEvent;
import io.samband.log.EventLog;
import io.samband.settings.BadSettingException;
import io.samband.settings.NamedDataSource;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/** The outbox of this deployment: takes events within a transaction, and has them relayed after its commit. Any thread. */
@ApplicationScoped
public class Outbox {
  private static final System.Logger LOG = System.getLogger(Outbox.class.getName());

  @Inject
  private Settings settings;

  @Inject
  private EventLog log;

  @Inject
  private OutboxTransactions transactions;

  @Inject
  private CallersTransaction callers;

  private DataSource dataSource;
  private volatile OutboxTable table;
  private volatile Relay relay;

  /** Whether a data source is configured. */
  public boolean isOn() {
    return !settings.text(Setting.OUTBOX_DATA_SOURCE).isEmpty();
  }

  /**
   * Looks up the data source and checks its tables, or makes them, unless that has been done. Does nothing if the outbox is off.
   *
   * @throws BadSettingException if the outbox cannot work as configured; the message says what to do
   */
  public synchronized void open() {
    if (!isOn() || table != null) {
      return;
    }
    DataSource found = NamedDataSource.lookUp(
        Setting.OUTBOX_DATA_SOURCE, settings.text(Setting.OUTBOX_DATA_SOURCE));
    String problem = problemOf(found);
    if (problem != null) {
      throw refused("a JTA data source with the tables of docs/outbox.md, or with "
          + Setting.OUTBOX_CREATE_TABLE.key() + "=true for them to be made; " + problem);
    }
    dataSource = found;
    try (Connection connection = found.getConnection()) {
      table = new OutboxTable(Dialect.of(connection));
    } catch (SQLException e) {
      throw refused("a data source that can be used; " + e.getMessage());
    }
  }

  private BadSettingException refused(String allowed) {
    return new BadSettingException(
        Setting.OUTBOX_DATA_SOURCE.key(), settings.text(Setting.OUTBOX_DATA_SOURCE), allowed);
  }

  private String problemOf(DataSource found) {
    try {
      if (transactions.call(found, Connection::getAutoCommit)) {
        return "its connections do not take part in transactions";
      }
      try (Connection connection = found.getConnection()) {
        if (settings.outboxCreateTable()) {
          OutboxSchema.create(connection);
        }
        return OutboxSchema.problem(connection);
      }
    } catch (SQLException | RuntimeException e) {
      return e.getMessage();
    }
  }

  /** Begins to relay. Does nothing if the outbox is off. */
  public synchronized void start() {
    if (!isOn() || relay != null) {
      return;
    }
    var work = new RelayWork(table, log);
    relay = new Relay(new Relay.Source() {
      @Override
      public Round round() throws SQLException {
        return transactions.call(dataSource, work::round);
      }

      @Override
      public OutboxTable.Backlog backlog() throws SQLException {
        return transactions.call(dataSource, table::backlog);
      }
    });
    relay.start();
    LOG.log(Level.INFO, "[SSE] outbox dataSource={0}", settings.text(Setting.OUTBOX_DATA_SOURCE));
  }

  /**
   * Writes events, in their order, within the transaction of the calling thread. Never throws.
   *
   * @return false if none of them was written; why is in the log
   */
  public boolean store(List<SSEEvent> events) {
    try {
      if (table == null) {
        // A module that fires while the deployment starts.
        open();
      }
      callers.call(dataSource, connection -> table.insert(connection, events));
      return true;
    } catch (SQLException | RuntimeException | Error e) {
      // Whatever is wrong in here must not break the transaction of the code that fired.
      LOG.log(
          Level.WARNING,
          "[SSE] events were not written to the outbox count=" + events.size() + " type="
              + events.get(0).type() + "; they are published after the commit instead",
          e);
      return false;
    }
  }

  /** A transaction with stored events has committed. Never waits. */
  public void committed() {
    Relay running = relay;
    if (running != null) {
      running.wake();
    }
  }

  /** Events of a transaction were published after its commit although the outbox is on. */
  public void bypassed(int events) {
    Metrics.counter("samband.outbox.bypassed").increment(events);
  }

  /** Whether events get out of it; null before the start and if it is off. */
  public OutboxHealth health() {
    Relay running = relay;
    return running == null ? null : running.health();
  }

  /** Ends relaying: before the log is closed. */
  public synchronized void close() {
    if (relay != null) {
      relay.close();
    }
  }
}
