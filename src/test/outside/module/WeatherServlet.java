package com.example.weather;

import jakarta.inject.Inject;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** How the module is asked: in its own WAR, or in ours. */
@WebServlet("/weather")
public class WeatherServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  @Inject
  transient WeatherModule module;

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.getWriter().print(String.join("\n", module.subscribers()));
  }

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response) {
    module.warn(request.getParameter("text"));
    response.setStatus(204);
  }
}
