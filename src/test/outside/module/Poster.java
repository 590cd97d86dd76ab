package com.example.weather;

import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.UUID;

/** A deployment of its own, which shares no class with Samband: it posts, and repeats with the same key until it is told yes. */
@WebServlet("/warn")
public class Poster extends HttpServlet {
  private static final long serialVersionUID = 1L;

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
    HttpRequest event = HttpRequest.newBuilder(URI.create(request.getParameter("samband") + "api/sse/events"))
        .header("Content-Type", "application/json")
        .header("Idempotency-Key", UUID.randomUUID().toString())
        .POST(HttpRequest.BodyPublishers.ofString(
            "{\"type\":\"weather_warning\",\"data\":{\"text\":\"" + request.getParameter("text") + "\"}}"))
        .build();
    try {
      // Twice, as a caller does who did not hear the first answer.
      String first = HttpClient.newHttpClient().send(event, HttpResponse.BodyHandlers.ofString()).body();
      String second = HttpClient.newHttpClient().send(event, HttpResponse.BodyHandlers.ofString()).body();
      response.setStatus(first.equals(second) ? 204 : 500);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
