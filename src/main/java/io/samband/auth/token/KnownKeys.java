package io.samband.auth.token;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSetSourceWrapper;
import com.nimbusds.jose.proc.SecurityContext;
import java.time.Clock;

/**
 * The outermost source: it answers with the newest keys that it has seen when the ones inside cannot, because a refresh is
 * slow, the rate limit is reached or the issuer is down. So a token with a known key is never refused for such a reason, and
 * a failure means that no key was ever known.
 */
final class KnownKeys extends JWKSetSourceWrapper<SecurityContext> {
  private final Clock clock;
  private volatile JWKSet newest;

  KnownKeys(JWKSetSource<SecurityContext> source, Clock clock) {
    super(source);
    this.clock = clock;
  }

  @Override
  public JWKSet getJWKSet(
      JWKSetCacheRefreshEvaluator refresh, long ignored, SecurityContext context)
      throws KeySourceException {
    try {
      newest = getSource().getJWKSet(refresh, clock.millis(), context);
    } catch (KeySourceException e) {
      if (newest == null) {
        throw e;
      }
    }
    return newest;
  }
}
