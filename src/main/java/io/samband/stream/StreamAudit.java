package io.samband.stream;

import io.samband.auth.Audit;
import io.samband.stream.fanout.EndReason;
import io.samband.stream.fanout.Subscriber;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.json.JsonObjectBuilder;

/**
 * Writes to the audit log who was connected when, with which rights, and which part of the event log the stream covered: with the
 * audiences in the event log this says what was sent to whom. Thread-safe.
 */
@ApplicationScoped
public class StreamAudit {
  @Inject
  Audit audit;

  void opened(Subscriber subscriber, String rights) {
    if (subscriber.owner().user() != null) {
      audit.record("stream_opened", line -> {
        who(line, subscriber);
        Audit.text(line, "rights", rights);
        line.add("types", subscriber.filter().toString());
        line.add("after", subscriber.firstCursor());
      });
    }
  }

  void ended(Subscriber subscriber, EndReason reason) {
    if (subscriber.owner().user() != null) {
      audit.record("stream_ended", line -> {
        who(line, subscriber);
        line.add("reason", reason.wireName());
        line.add("after", subscriber.firstCursor());
        line.add("through", subscriber.lastCursor());
        line.add("events", subscriber.events());
      });
    }
  }

  private static void who(JsonObjectBuilder line, Subscriber subscriber) {
    Subscriber.Peer peer = subscriber.peer();
    line.add("subscriber", peer.number());
    Audit.text(line, "user", subscriber.owner().user());
    Audit.text(line, "address", peer.address());
    Audit.text(line, "userAgent", peer.userAgent());
  }
}
