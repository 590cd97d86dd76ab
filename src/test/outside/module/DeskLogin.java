package com.example.weather;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.security.enterprise.AuthenticationStatus;
import jakarta.security.enterprise.authentication.mechanism.http.HttpAuthenticationMechanism;
import jakarta.security.enterprise.authentication.mechanism.http.HttpMessageContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.util.Set;

/** A login of another team by Jakarta Security: whoever is noted in the session is the user. */
@ApplicationScoped
public class DeskLogin implements HttpAuthenticationMechanism {
  @Override
  public AuthenticationStatus validateRequest(
      HttpServletRequest request, HttpServletResponse response, HttpMessageContext context) {
    HttpSession session = request.getSession(false);
    if (session == null || session.getAttribute("user") == null) {
      return context.doNothing();
    }
    return context.notifyContainerAboutLogin(
        (String) session.getAttribute("user"), Set.of((String) session.getAttribute("role")));
  }
}
