package com.example.weather;

import io.samband.event.LogPosition;
import io.samband.event.PublishOutcome;
import io.samband.event.SSEEvent;
import jakarta.annotation.Resource;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import jakarta.transaction.UserTransaction;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Fires events in transactions, step by step as the lines of a request say it. Those that ask are answered with a line. */
@WebServlet("/transactions")
public class TransactionServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  @Inject
  transient Event<SSEEvent> push;

  @Inject
  transient LogPosition log;

  @Resource
  transient UserTransaction transaction;

  @Resource
  transient TransactionSynchronizationRegistry registry;

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    List<String> steps = request.getReader().lines().toList();
    Map<String, SSEEvent> events = new HashMap<>();
    try {
      for (String step : steps) {
        String answer = perform(step.split(" ", 2), events);
        if (answer != null) {
          response.getWriter().println(answer);
        }
      }
    } catch (Exception e) {
      throw new ServletException(e);
    }
  }

  private String perform(String[] step, Map<String, SSEEvent> events) throws Exception {
    switch (step[0]) {
      case "begin" -> transaction.begin();
      case "commit" -> transaction.commit();
      case "rollback" -> transaction.rollback();
      case "doom" -> transaction.setRollbackOnly();
      case "fire" -> push.fire(event(step[1], events));
      case "fire-async" ->
        push.fireAsync(event(step[1], events)).toCompletableFuture().get(10, TimeUnit.SECONDS);
      case "fire-at-the-end" ->
        registry.registerInterposedSynchronization(new AtTheEnd(push, event(step[1], events)));
      case "newest" -> {
        return log.newestId().toString();
      }
      case "outcome" -> {
        PublishOutcome outcome = events.get(step[1]).outcome().toCompletableFuture().getNow(null);
        return outcome == null ? "none" : outcome.getClass().getSimpleName();
      }
      default -> throw new IllegalArgumentException(step[0]);
    }
    return null;
  }

  private static SSEEvent event(String type, Map<String, SSEEvent> events) {
    SSEEvent event = SSEEvent.of(type, Map.of("text", "Bilbrann E6 nord"));
    events.put(type, event);
    return event;
  }

  private record AtTheEnd(Event<SSEEvent> push, SSEEvent event) implements Synchronization {
    @Override
    public void beforeCompletion() {
      // Only the end counts here.
    }

    @Override
    public void afterCompletion(int status) {
      push.fire(event);
    }
  }
}
