package com.example.weather;

import io.samband.event.SSEEvent;
import io.samband.event.SubscriberArrived;
import io.samband.event.SubscriberLeft;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.inject.Inject;
import jakarta.transaction.UserTransaction;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.naming.InitialContext;

/** A module of another team: compiled against the event jar and the platform, and against nothing else of Samband. */
@ApplicationScoped
public class WeatherModule {
  @Inject
  Event<SSEEvent> push;

  private final List<String> subscribers = new CopyOnWriteArrayList<>();

  void arrived(@ObservesAsync SubscriberArrived event) {
    tell("arrived", event.userAgent());
  }

  void left(@ObservesAsync SubscriberLeft event) {
    tell("left", event.userAgent());
  }

  /** As a module does that writes down who is there: in a transaction. */
  private void tell(String what, String who) {
    try {
      UserTransaction transaction = InitialContext.doLookup("java:comp/UserTransaction");
      transaction.begin();
      subscribers.add(what + " " + who);
      transaction.commit();
    } catch (Exception e) {
      subscribers.add(e.toString());
    }
  }

  /** Who has come and gone, in order. */
  public List<String> subscribers() {
    return subscribers;
  }

  public void warn(String text) {
    push.fire(SSEEvent.of("weather_warning", Map.of("text", text)));
  }
}
