package io.samband.it;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Playwright;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.Rounds;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A page's state and its stream join without a gap: whenever it loads, it shows what the server has. */
class SnapshotIT {
  private static final String[] STATUSES = {
    "available", "dispatched", "on_scene", "transporting", "out_of_service"
  };
  private static final int VEHICLES = 6;
  private static final int PUBLISHERS = 3;

  private final LiveServer server = LiveServer.shared();
  private final Http http = server.http();
  private final AtomicBoolean changing = new AtomicBoolean(true);

  @Test
  void noTabEverDiffersFromTheServerHoweverChangesAndLoadsInterleave() throws Exception {
    Rounds.onceInABuild();
    Random random = Rounds.random(SnapshotIT.class);
    ExecutorService publishers = Executors.newFixedThreadPool(PUBLISHERS);
    List<Future<?>> changes = new ArrayList<>();
    for (int i = 0; i < PUBLISHERS; i++) {
      long seed = random.nextLong();
      changes.add(publishers.submit(() -> change(new Random(seed))));
    }
    try (Playwright playwright = Playwright.create();
        Browser chromium = Chromium.launch(playwright)) {
      BrowserContext browser = chromium.newContext();
      List<ConsoleTab> tabs = new ArrayList<>();
      for (int load = 0; load < Rounds.of(12, 200); load++) {
        if (tabs.size() < 5) {
          tabs.add(ConsoleTab.open(browser, server.base()));
        } else {
          tabs.get(random.nextInt(tabs.size())).page().reload();
        }
      }
      changing.set(false);
      for (Future<?> change : changes) {
        change.get();
      }
      String truth = serverState();
      for (ConsoleTab tab : tabs) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> shown(tab), truth::equals);
      }
    } finally {
      changing.set(false);
      publishers.shutdownNow();
    }
  }

  private void change(Random random) {
    while (changing.get()) {
      String call = "api/vehicles/S-" + random.nextInt(VEHICLES) + "/status";
      http.put(call, "{\"status\":\"" + STATUSES[random.nextInt(STATUSES.length)] + "\"}");
    }
  }

  private String serverState() {
    var state = new TreeMap<String, String>();
    for (var value : http.get("api/vehicles").json().asJsonObject().getJsonArray("vehicles")) {
      JsonObject vehicle = value.asJsonObject();
      state.put(vehicle.getString("id"), vehicle.getString("status") + vehicle.getInt("version"));
    }
    return state.toString();
  }

  private static String shown(ConsoleTab tab) {
    var state = new TreeMap<String, String>();
    for (var card : tab.find("vehicle").all()) {
      state.put(
          card.getAttribute("data-vehicle-id"),
          card.getAttribute("data-status") + card.getAttribute("data-version"));
    }
    return state.toString();
  }
}
