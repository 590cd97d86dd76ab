package io.samband.it;

import io.samband.testing.Http;
import jakarta.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the pictures of the console show: ten vehicles and three messages. */
final class ExampleShift {
  private static final Map<String, String> VEHICLES = new TreeMap<>(Map.of(
      "A-7", "available",
      "A-12", "on_scene",
      "A-14", "available",
      "A-21", "available",
      "B-1", "available",
      "B-3", "dispatched",
      "B-11", "dispatched",
      "C-1", "transporting",
      "D-9", "out_of_service",
      "L-2", "on_scene"));

  private ExampleShift() {}

  static void begin(Http http) {
    VEHICLES.forEach((id, status) ->
        http.put("api/vehicles/" + id + "/status", "{\"status\":\"" + status + "\"}"));
    send(http, "Vaktskifte klokken 15.00", "normal", List.of("Pult 1", "Pult 2", "Pult 3"));
    send(http, "Bilbrann E6 nord, to kjøretøy, evakuering pågår", "high", List.of("Pult 1"));
    send(http, "Tunnelen ved Mosseveien er stengt til kl. 06", "normal", List.of());
  }

  private static void send(Http http, String text, String priority, List<String> desks) {
    JsonObject sent = http.post(
            "api/flash", "{\"text\":\"" + text + "\",\"priority\":\"" + priority + "\"}")
        .json()
        .asJsonObject();
    String path = "api/flash/" + sent.getString("id") + "/acknowledgements";
    desks.forEach(desk -> http.post(path, "{\"by\":\"" + desk + "\"}"));
  }
}
