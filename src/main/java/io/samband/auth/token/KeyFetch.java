package io.samband.auth.token;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.URLBasedJWKSetSource;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URL;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocketFactory;

/** Fetches a JWKS once, and logs a failure. Thread-safe. */
final class KeyFetch extends URLBasedJWKSetSource<SecurityContext> {
  private static final long LOG_INTERVAL_NANOS = Duration.ofSeconds(10).toNanos();

  /** Large issuers have some 20 keys with certificates, of 3 KiB each. */
  private static final int MAX_BYTES = 256 * 1024;

  /** As Nimbus and the JDK write it. */
  private static final Pattern STATUS = Pattern.compile("HTTP (?:response code: )?([0-9]{3})\\b");

  private final Consumer<String> warnings;
  private final AtomicLong nextLogNanos = new AtomicLong(System.nanoTime());

  /**
   * Makes one for an https URL.
   *
   * @param tls null for the trust store of the JVM
   * @param warnings gets a line for the log, at most once in ten seconds
   */
  KeyFetch(
      URL url,
      Duration connectTimeout,
      Duration readTimeout,
      SSLSocketFactory tls,
      Consumer<String> warnings) {
    super(url, new Retriever((int) connectTimeout.toMillis(), (int) readTimeout.toMillis(), tls));
    this.warnings = warnings;
  }

  @Override
  public JWKSet getJWKSet(
      JWKSetCacheRefreshEvaluator refresh, long currentTime, SecurityContext context)
      throws KeySourceException {
    try {
      return super.getJWKSet(refresh, currentTime, context);
    } catch (KeySourceException e) {
      logFailure(e);
      throw e;
    }
  }

  private void logFailure(KeySourceException failure) {
    long now = System.nanoTime();
    long next = nextLogNanos.get();
    if (now - next >= 0 && nextLogNanos.compareAndSet(next, now + LOG_INTERVAL_NANOS)) {
      // Neither the query of the URL nor a message, which may quote the answer.
      URL url = getJWKSetURL();
      warnings.accept("[SSE] token keys could not be fetched url=https://" + url.getAuthority()
          + url.getPath() + " reason=" + reason(failure));
    }
  }

  private static String reason(KeySourceException failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    Matcher status = STATUS.matcher(String.valueOf(cause.getMessage()));
    return status.find() ? "HTTP " + status.group(1) : cause.getClass().getSimpleName();
  }

  private static final class Retriever extends DefaultResourceRetriever {
    Retriever(int connectMillis, int readMillis, SSLSocketFactory tls) {
      super(connectMillis, readMillis, MAX_BYTES, true, tls);
    }

    /** The operator has named one address: an answer that points to another one is an error. */
    @Override
    protected HttpURLConnection openHTTPConnection(URL url) throws IOException {
      HttpURLConnection connection = super.openHTTPConnection(url);
      connection.setInstanceFollowRedirects(false);
      connection.setUseCaches(false);
      return connection;
    }
  }
}
