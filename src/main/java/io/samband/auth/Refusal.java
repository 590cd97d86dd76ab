package io.samband.auth;

/**
 * Why a request is not served.
 *
 * @param status 400, 401, 403, 421 or 503
 * @param detail what to change; says nothing about why a token is not good
 * @param challenge the value of {@code WWW-Authenticate} (RFC 6750, section 3), or null
 * @param event of the audit log: {@code authn_fail} or {@code authz_fail}
 * @param reason the exact reason, for the audit log only
 */
record Refusal(int status, String detail, String challenge, String event, String reason) {
  static final String AUTHN_FAIL = "authn_fail";
  static final String AUTHZ_FAIL = "authz_fail";
  static final String BEARER = "Bearer";
  private static final String INVALID_TOKEN = "Bearer error=\"invalid_token\"";

  /** Thrown where a request is looked at; caught by {@link Guard}. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    private Refused(Refusal refusal) {
      super(refusal.reason(), null, false, false);
      this.refusal = refusal;
    }

    Refusal refusal() {
      return refusal;
    }
  }

  Refused thrown() {
    return new Refused(this);
  }

  static Refusal malformed(String detail, String reason) {
    return new Refusal(400, detail, null, AUTHN_FAIL, reason);
  }

  static Refusal noIdentity() {
    return new Refusal(
        401, "sign in: this call needs an identity", BEARER, AUTHN_FAIL, "no_identity");
  }

  static Refusal badIdentity(String reason) {
    return new Refusal(
        401,
        "sign in again: the identity that the request carries is not accepted",
        INVALID_TOKEN,
        AUTHN_FAIL,
        reason);
  }

  static Refusal forbidden(String detail, String reason) {
    return new Refusal(403, detail, null, AUTHZ_FAIL, reason);
  }
}
