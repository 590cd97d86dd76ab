package io.samband.testing;

import jakarta.json.JsonArray;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Debian's Prometheus, which reads the metrics of one server every second. */
public final class PrometheusServer implements AutoCloseable {
  private final Process process;
  private final Http http;

  private PrometheusServer(Process process, Http http) {
    this.process = process;
    this.http = http;
  }

  public static PrometheusServer of(URI server, Path directory) {
    try {
      Path config = Files.writeString(
          directory.resolve("prometheus.yml"), """
          global: { scrape_interval: 1s }
          scrape_configs:
            - job_name: samband
              metrics_path: /api/metrics
              static_configs: [ { targets: [ "%s" ] } ]
          """.formatted(server.getAuthority()));
      String address = "127.0.0.1:" + Ports.free();
      Process process = new ProcessBuilder(
              "prometheus",
              "--config.file=" + config,
              "--storage.tsdb.path=" + directory.resolve("data"),
              "--web.listen-address=" + address,
              // Not below /api, where answers are taken for those of Samband.
              "--web.route-prefix=/prometheus")
          .redirectErrorStream(true)
          .redirectOutput(directory.resolve("prometheus.log").toFile())
          .start();
      return new PrometheusServer(process, new Http(URI.create("http://" + address + "/")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the expression is now: one element for each series. Fails with Prometheus's words if it is not understood. */
  public JsonArray query(String expression) {
    Http.Answer answer = http.get(
        "prometheus/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
    if (answer.status() != 200) {
      throw new AssertionError(expression + ": " + answer.body());
    }
    return answer.json().asJsonObject().getJsonObject("data").getJsonArray("result");
  }

  @Override
  public void close() {
    Processes.stop(process);
  }
}
