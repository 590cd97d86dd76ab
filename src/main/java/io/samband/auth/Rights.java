package io.samband.auth;

import io.samband.log.EventFilter;
import io.samband.settings.Setting;
import io.samband.settings.Settings;
import io.samband.web.Problem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What an identity may receive, publish and administer. Every refusal is in the audit log. Thread-safe.
 */
@ApplicationScoped
public class Rights {
  private static final String INSUFFICIENT = "Bearer error=\"insufficient_scope\"";

  private Rules subscribe;
  private Rules publish;
  private Set<String> admin;
  private Audit audit;

  /** For the proxy of CDI. */
  protected Rights() {}

  /**
   * Reads the rules.
   *
   * @throws io.samband.settings.BadSettingException if a rule is not well-formed, in every mode
   */
  @Inject
  public Rights(Settings settings, Audit audit) {
    this.subscribe = Rules.parse(Setting.AUTH_SUBSCRIBE, settings.text(Setting.AUTH_SUBSCRIBE));
    this.publish = Rules.parse(Setting.AUTH_PUBLISH, settings.text(Setting.AUTH_PUBLISH));
    this.admin = Rules.roles(Setting.AUTH_ADMIN, settings.text(Setting.AUTH_ADMIN));
    this.audit = audit;
  }

  /** Makes this bean, whose rules are checked then. */
  public void check() {
    // The proxy of CDI has called the constructor.
  }

  /**
   * The one predicate for stream, replay and poll: what the caller may see, of the types that it asks for.
   *
   * @param types the {@code types} parameters; without any it is all that the caller may see
   * @throws WebApplicationException 400 if they are not well-formed, 403 if the caller may not see one of them
   */
  public EventFilter filter(HttpServletRequest request, List<String> types) {
    EventFilter asked = Problem.badRequestIfInvalid(() -> EventFilter.parse(types));
    Identity identity = Identity.of(request);
    if (!identity.isNamed()) {
      return asked;
    }
    Types allowed = subscribe.typesOf(identity.roles());
    Set<String> denied = new TreeSet<>(asked.types());
    denied.removeIf(allowed::contains);
    if (!denied.isEmpty()) {
      throw forbidden(request, "no right to receive the types " + String.join(", ", denied));
    }
    if (allowed.isEmpty()) {
      throw forbidden(request, "no right to receive any event type");
    }
    Set<String> seen = asked.isAll() ? allowed.names() : asked.types();
    return new EventFilter(seen).seenBy(identity.audienceAttributes());
  }

  /** The member {@code auth} of {@code hello} and of polls; null for nobody in particular. */
  public String authJson(Identity identity) {
    return identity.isNamed() ? identity.toJson(fingerprint(identity), Instant.now()) : null;
  }

  /** Names what an identity may receive: another value means other rights. Null if it may receive everything. */
  public String fingerprint(Identity identity) {
    return identity.isNamed()
        ? Identity.hash(subscribe.typesOf(identity.roles()) + "\n"
                + String.join("\n", identity.audienceAttributes()))
            .substring(0, 8)
        : null;
  }

  /**
   * Lets only those pass who may receive a type.
   *
   * @throws WebApplicationException 403
   */
  void requireSubscribe(HttpServletRequest request, String type) {
    require(request, "receive", type, subscribe);
  }

  /**
   * Lets only those pass who may publish a type.
   *
   * @throws WebApplicationException 403
   */
  public void requirePublish(HttpServletRequest request, String type) {
    require(request, "publish", type, publish);
  }

  private void require(HttpServletRequest request, String action, String type, Rules rules) {
    Identity identity = Identity.of(request);
    if (identity.isNamed() && !rules.typesOf(identity.roles()).contains(type)) {
      throw forbidden(request, "no right to " + action + " the type " + type);
    }
  }

  /**
   * Lets only administrators pass.
   *
   * @throws WebApplicationException 403
   */
  void requireAdmin(HttpServletRequest request) {
    Identity identity = Identity.of(request);
    if (identity.isNamed() && !Rules.hasOneOf(admin, identity.roles())) {
      throw forbidden(request, "this call needs the right to administer (samband.auth.admin)");
    }
  }

  private WebApplicationException forbidden(HttpServletRequest request, String detail) {
    audit.refused(request, Identity.of(request), Refusal.forbidden(detail, detail));
    Response response = Response.fromResponse(Problem.response(403, detail))
        .header(HttpHeaders.WWW_AUTHENTICATE, INSUFFICIENT)
        .build();
    return new WebApplicationException(detail, response);
  }
}
