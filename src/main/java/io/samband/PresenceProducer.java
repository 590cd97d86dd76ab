package io.samband;

import io.samband.log.EventLog;
import io.samband.log.postgres.PostgresPresence;
import io.samband.log.postgres.PostgresSettings;
import io.samband.log.redis.RedisPresence;
import io.samband.presence.Presence;
import io.samband.presence.PresenceEvents;
import io.samband.presence.PresenceStore;
import io.samband.presence.SingleNode;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import io.samband.status.StreamsOfNode;
import io.samband.stream.EventLogBroadcaster;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;

/** Chooses where this node tells others of its streams: where the log is. {@link Lifecycle} closes it. */
@ApplicationScoped
public class PresenceProducer {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int INCARNATION_BYTES = 6;

  /** For a request, after the time at which a client was told to come back. */
  private static final Duration ARRIVAL = Duration.ofSeconds(1);

  @Produces
  @ApplicationScoped
  Presence open(
      Settings settings, EventLogBroadcaster broadcaster, EventLog log, PresenceEvents events) {
    String incarnation = newIncarnation();
    return new Presence(
        incarnation,
        settings.nodeName(),
        new StreamsOfNode(broadcaster, log),
        store(settings, incarnation),
        settings
            .millis(Setting.RETRY_MILLIS)
            .plus(settings.millis(Setting.DRAIN_MILLIS))
            .plus(ARRIVAL),
        settings.millis(Setting.KEEPALIVE_MILLIS),
        events::fire);
  }

  private static PresenceStore store(Settings settings, String incarnation) {
    return switch (settings.logKind()) {
      case EMBEDDED -> new SingleNode(incarnation, settings.nodeName());
      case POSTGRESQL -> new PostgresPresence(PostgresSettings.of(settings), incarnation);
      case REDIS -> RedisPresence.of(settings, incarnation);
    };
  }

  private static String newIncarnation() {
    byte[] bytes = new byte[INCARNATION_BYTES];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
