package io.samband.auth.token;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.source.JWKSetBasedJWKSource;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.SecurityContext;
import io.samband.concurrent.NamedThreads;
import java.lang.System.Logger.Level;
import java.net.URL;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * The keys of an issuer that publishes them at an https URL. Nimbus caches them, refreshes them before the cache expires,
 * fetches again for an unknown key id, and limits how often.
 *
 * <p>Thread-safe.
 */
final class RemoteKeys {
  private static final System.Logger LOG = System.getLogger(RemoteKeys.class.getName());

  /** A key that the issuer withdraws is accepted for at most this long, unless the issuer cannot be reached. */
  private static final Duration TIME_TO_LIVE = Duration.ofMinutes(5);

  private static final Duration REFRESH_AHEAD = Duration.ofSeconds(30);

  /** At most two fetches in this time: tokens with invented key ids must not become a load on the issuer. */
  static final Duration MIN_INTERVAL = Duration.ofSeconds(10);

  private final ScheduledThreadPoolExecutor threads;
  private final KnownKeys known;

  RemoteKeys(KeyFetch fetch, Duration wait, Clock clock) {
    // After close() a request that is still running has nothing more to refresh.
    threads = new ScheduledThreadPoolExecutor(
        1, new NamedThreads("samband-keys"), new ThreadPoolExecutor.DiscardPolicy());
    JWKSource<SecurityContext> cached = JWKSourceBuilder.create(fetch)
        .cache(TIME_TO_LIVE.toMillis(), wait.toMillis())
        .refreshAheadCache(REFRESH_AHEAD.toMillis(), null, threads, false, threads, false)
        .rateLimited(MIN_INTERVAL.toMillis())
        .retrying(true)
        .outageTolerantForever()
        .build();
    known =
        new KnownKeys(((JWKSetBasedJWKSource<SecurityContext>) cached).getJWKSetSource(), clock);
    threads.execute(this::fetchFirst);
  }

  static RemoteKeys of(URL url) {
    // A request waits no longer than this for the fetch of another one.
    Duration wait = Duration.ofSeconds(5);
    KeyFetch fetch = new KeyFetch(
        url,
        Duration.ofSeconds(2),
        Duration.ofSeconds(5),
        null,
        line -> LOG.log(Level.WARNING, line));
    return new RemoteKeys(fetch, wait, Clock.systemUTC());
  }

  JWKSource<SecurityContext> keys() {
    return new JWKSetBasedJWKSource<>(known);
  }

  void close() {
    threads.shutdownNow();
  }

  private void fetchFirst() {
    try {
      known.getJWKSet(JWKSetCacheRefreshEvaluator.noRefresh(), 0, null);
    } catch (KeySourceException e) {
      // The fetch itself has logged why; the first request tries again.
      LOG.log(Level.DEBUG, "[SSE] token keys are not known yet");
    }
  }
}
