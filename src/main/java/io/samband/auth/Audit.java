package io.samband.auth;

import io.micrometer.core.instrument.Metrics;
import io.samband.concurrent.Notifier;
import io.samband.event.Timestamps;
import io.samband.web.Calls;
import io.samband.web.ClientAddress;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.json.Json;
import jakarta.json.JsonObjectBuilder;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * The audit log: one JSON object on each line of the log category {@code samband.audit}. No token, cookie, session id or payload is
 * ever in it. Lines are written by a thread of their own, so that a blocked log handler blocks no request. Thread-safe.
 */
@ApplicationScoped
public class Audit {
  private static final System.Logger LOG = System.getLogger("samband.audit");

  private Notifier notifier;

  @Inject
  ClientAddress clientAddress;

  /** Not in the field: the proxy of CDI has the same fields, and would begin a thread that nobody ends. */
  @PostConstruct
  void open() {
    notifier = new Notifier();
  }

  /** A request was refused. */
  void refused(HttpServletRequest request, Identity identity, Refusal refusal) {
    Metrics.counter("samband.requests.refused", "status", String.valueOf(refusal.status()))
        .increment();
    record(refusal.event(), line -> {
      text(line, "reason", refusal.reason());
      text(line, "user", identity == null ? null : identity.name());
      text(line, "address", clientAddress.of(request));
      text(line, "userAgent", request.getHeader("User-Agent"));
      text(line, "method", request.getMethod());
      // Without the query, in which a client may have put a token.
      text(line, "path", Calls.sentPath(request));
    });
  }

  /** Something happened that is to be found later. */
  public void record(String event, Consumer<JsonObjectBuilder> members) {
    JsonObjectBuilder line =
        Json.createObjectBuilder().add("at", Timestamps.format(Instant.now())).add("event", event);
    members.accept(line);
    // As a parameter: a brace in the text would be taken for a place holder.
    notifier.log(LOG, Level.INFO, "{0}", AsciiJson.of(line.build()));
  }

  /** Adds a member; null stays null. */
  public static void text(JsonObjectBuilder line, String name, String value) {
    if (value == null) {
      line.addNull(name);
    } else {
      line.add(name, value);
    }
  }

  /** Writes what still waits. */
  @PreDestroy
  void close() {
    notifier.close();
  }
}
