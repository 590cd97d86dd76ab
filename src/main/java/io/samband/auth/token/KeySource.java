package io.samband.auth.token;

import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.io.Closeable;

/**
 * Where the keys of the issuer come from.
 *
 * @param keys looks a key up, and throws only while no key was ever known
 * @param closing ends what fetches them
 */
record KeySource(JWKSource<SecurityContext> keys, Runnable closing) implements Closeable {
  /**
   * Opens what {@code samband.auth.jwt.keys} names. A file is read at once; a URL is fetched in the background, so that a
   * deployment starts while its issuer is down.
   *
   * @throws io.samband.settings.BadSettingException if it is neither an https URL nor a file with a key
   */
  static KeySource of(TokenSettings settings) {
    KeyLocation location = KeyLocation.of(settings.keys(), settings.usesSecret());
    if (location.file() != null) {
      return new KeySource(new KeyFile(settings).read(location.file()), () -> {});
    }
    RemoteKeys remote = RemoteKeys.of(location.url());
    return new KeySource(remote.keys(), remote::close);
  }

  @Override
  public void close() {
    closing.run();
  }
}
