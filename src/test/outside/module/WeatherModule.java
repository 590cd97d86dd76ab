package com.example.weather;

import io.samband.event.SSEEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.util.Map;

/** A module of another team: compiled against the event jar and the platform, and against nothing else of Samband. */
@ApplicationScoped
public class WeatherModule {
  @Inject
  Event<SSEEvent> push;

  public void warn(String text) {
    push.fire(SSEEvent.of("weather_warning", Map.of("text", text)));
  }
}
