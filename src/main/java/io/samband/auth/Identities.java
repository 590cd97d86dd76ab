package io.samband.auth;

import io.samband.auth.token.ClaimText;
import io.samband.auth.token.InvalidTokenException;
import io.samband.auth.token.KeysUnavailableException;
import io.samband.auth.token.TokenClaims;
import io.samband.auth.token.Tokens;
import io.samband.settings.BadSettingException;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import java.security.Principal;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Finds out whose request it is. Thread-safe. */
@ApplicationScoped
public class Identities {
  private AuthMode mode;
  private Optional<Tokens> tokens;
  private String cookie;
  private Set<String> containerRoles;

  /** For the proxy of CDI. */
  protected Identities() {}

  /**
   * Checks the settings.
   *
   * @throws BadSettingException if they cannot work
   */
  @Inject
  public Identities(Settings settings) {
    mode = AuthMode.parse(settings.text(Setting.AUTH_MODE));
    cookie = settings.text(Setting.AUTH_COOKIE);
    containerRoles =
        Rules.roles(Setting.AUTH_CONTAINER_ROLES, settings.text(Setting.AUTH_CONTAINER_ROLES));
    if (!cookie.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")) {
      throw new BadSettingException(
          Setting.AUTH_COOKIE.key(), cookie, "the name of a cookie (RFC 6265)");
    }
    tokens = Tokens.isConfigured(settings) ? Optional.of(new Tokens(settings)) : Optional.empty();
    if (mode == AuthMode.REQUIRED && tokens.isEmpty() && containerRoles.isEmpty()) {
      throw new BadSettingException(
          Setting.AUTH_MODE.key(),
          "required",
          "required only with a source of identities: set " + Setting.JWT_KEYS.key()
              + " (with issuer and audience) or " + Setting.AUTH_CONTAINER_ROLES.key());
    }
    if (mode == AuthMode.REQUIRED && settings.hosts().isEmpty()) {
      throw new BadSettingException(
          Setting.HOSTS.key(),
          "",
          "in the mode required, the host names under which browsers reach this deployment");
    }
  }

  public AuthMode mode() {
    return mode;
  }

  /** In the modes {@code local} and {@code open} it is nobody in particular, whatever the request carries. */
  Identity of(HttpServletRequest request) throws Refusal.Refused {
    if (mode != AuthMode.REQUIRED) {
      return Identity.UNNAMED;
    }
    if (tokens.isPresent()) {
      Optional<Credentials> carried = Credentials.of(request, cookie);
      if (carried.isPresent()) {
        return ofToken(carried.get(), tokens.get());
      }
    }
    if (!containerRoles.isEmpty() && request.getUserPrincipal() != null) {
      return ofContainer(request, request.getUserPrincipal());
    }
    throw Refusal.noIdentity().thrown();
  }

  private static Identity ofToken(Credentials carried, Tokens tokens) throws Refusal.Refused {
    try {
      TokenClaims claims = tokens.verify(carried.token());
      return new Identity(
          claims.user(),
          claims.roles(),
          claims.attributes(),
          claims.expiresAt(),
          carried.source(),
          null);
    } catch (InvalidTokenException e) {
      throw Refusal.badIdentity(e.reason()).thrown();
    } catch (KeysUnavailableException e) {
      throw new Refusal(
              503,
              "the keys of the token issuer cannot be fetched now; try again later",
              null,
              Refusal.AUTHN_FAIL,
              "keys_unavailable")
          .thrown();
    }
  }

  private Identity ofContainer(HttpServletRequest request, Principal principal)
      throws Refusal.Refused {
    String name = principal.getName();
    if (name == null || !ClaimText.isName(name)) {
      throw Refusal.badIdentity("name_not_printable").thrown();
    }
    Set<String> roles = new TreeSet<>();
    for (String role : containerRoles) {
      if (request.isUserInRole(role)) {
        roles.add(role);
      }
    }
    return new Identity(
        name, roles, Set.of(), null, Identity.Source.CONTAINER, request.getSession(false));
  }

  @PreDestroy
  void close() {
    if (tokens != null) {
      tokens.ifPresent(Tokens::close);
    }
  }
}
