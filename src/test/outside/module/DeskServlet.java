package com.example.weather;

import jakarta.annotation.security.DeclareRoles;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Signs in, signs out, and says when a session was last used. */
@WebServlet("/desk/*")
@DeclareRoles({"dispatcher", "leader"})
public class DeskServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final Map<String, HttpSession> SESSIONS = new ConcurrentHashMap<>();

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    switch (request.getPathInfo()) {
      case "/login" -> {
        HttpSession session = request.getSession(true);
        session.setAttribute("user", request.getParameter("user"));
        session.setAttribute("role", request.getParameter("role"));
        SESSIONS.put(request.getParameter("user"), session);
      }
      case "/change" -> request.changeSessionId();
      case "/logout" -> request.getSession().invalidate();
      // Of a user, so that the question is no access to the session.
      case "/accessed" ->
        response.getWriter().print(SESSIONS.get(request.getParameter("user")).getLastAccessedTime());
      default -> response.sendError(404);
    }
  }
}
