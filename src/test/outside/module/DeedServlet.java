package com.example.weather;

import io.samband.event.SSEEvent;
import jakarta.annotation.Resource;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.transaction.UserTransaction;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.Map;
import javax.sql.DataSource;

/** A module that stores what was done, and fires events of that, in one transaction of its own database. */
@WebServlet("/deeds")
public class DeedServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  @Inject
  transient Event<SSEEvent> push;

  @Resource
  transient UserTransaction transaction;

  @Resource(lookup = "java:app/jdbc/desk")
  transient DataSource dataSource;

  /** 204 when the transaction is committed. */
  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws ServletException {
    try {
      transaction.begin();
      for (String type : request.getParameter("types").split(",")) {
        store(type);
        push.fire(SSEEvent.of(type, Map.of("text", "Bilbrann på E6 nord")));
      }
      transaction.commit();
      response.setStatus(204);
    } catch (Exception e) {
      throw new ServletException(e);
    }
  }

  private void store(String type) throws Exception {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement insert = connection.prepareStatement("INSERT INTO deed VALUES (?)")) {
      insert.setString(1, type);
      insert.executeUpdate();
    }
  }
}
