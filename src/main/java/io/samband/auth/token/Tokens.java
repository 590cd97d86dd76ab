package io.samband.auth.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.BadJWSException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.BadJWTException;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.samband.settings.Settings;
import java.text.ParseException;
import java.time.Clock;
import java.util.Map;
import java.util.regex.Pattern;

/** Verifies the tokens of one issuer. Thread-safe. */
public final class Tokens implements AutoCloseable {
  /** Servers accept headers of this size; a longer token is not parsed. */
  static final int MAX_CHARACTERS = 8 * 1024;

  /** A signed token, and neither an encrypted nor an unsigned one. Nimbus alone would skip other characters. */
  private static final Pattern SIGNED = Pattern.compile("(?:[A-Za-z0-9_-]++\\.){2}[A-Za-z0-9_-]++");

  // RFC 9068, section 4, wants both spellings of at+jwt. Compared without regard to case.
  private static final DefaultJOSEObjectTypeVerifier<SecurityContext> TYPES =
      new DefaultJOSEObjectTypeVerifier<>(
          JOSEObjectType.JWT,
          new JOSEObjectType("at+jwt"),
          new JOSEObjectType("application/at+jwt"),
          null);

  private final TokenSettings settings;
  private final KeySource keys;
  private final Clock clock;
  private final ClaimRules rules;
  private final ClaimReader reader;
  private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

  /**
   * Reads the settings {@code samband.auth.jwt.*}, and begins to fetch the keys.
   *
   * @throws io.samband.settings.BadSettingException if one of them is bad or missing
   */
  public Tokens(Settings settings) {
    this(TokenSettings.of(settings));
  }

  private Tokens(TokenSettings settings) {
    this(settings, KeySource.of(settings), Clock.systemUTC());
  }

  Tokens(TokenSettings settings, KeySource keys, Clock clock) {
    this.settings = settings;
    this.keys = keys;
    this.clock = clock;
    this.rules = new ClaimRules(settings);
    this.reader = new ClaimReader(settings);
    processor.setJWSTypeVerifier(TYPES);
    processor.setJWSKeySelector(
        new JWSVerificationKeySelector<>(settings.algorithms(), keys.keys()));
    // The rules for claims follow after the signature: those of Nimbus count in whole seconds, and
    // do not say which one failed.
    processor.setJWTClaimsSetVerifier(null);
  }

  /**
   * Whether the settings name an issuer of tokens.
   *
   * @throws io.samband.settings.BadSettingException if only some of issuer, audience and keys are set
   */
  public static boolean isConfigured(Settings settings) {
    return TokenSettings.areGiven(settings);
  }

  /**
   * Verifies a token and reads its claims.
   *
   * @param token the compact form, without {@code Bearer}
   * @throws InvalidTokenException if it is not accepted, for whatever reason: the answer is 401
   * @throws KeysUnavailableException if no key was ever known: the answer is 503
   */
  public TokenClaims verify(String token) throws InvalidTokenException, KeysUnavailableException {
    if (token == null || token.length() > MAX_CHARACTERS) {
      throw new InvalidTokenException(token == null ? "missing" : "too_large");
    }
    if (!SIGNED.matcher(token).matches()) {
      throw new InvalidTokenException("malformed");
    }
    try {
      Map<String, Object> claims = verifiedClaims(SignedJWT.parse(token));
      return reader.read(claims, rules.check(claims, clock.instant()));
    } catch (KeySourceException e) {
      throw new KeysUnavailableException();
    } catch (BadJWSException e) {
      throw new InvalidTokenException("signature");
    } catch (BadJWTException | ParseException e) {
      throw new InvalidTokenException("malformed");
    } catch (BadJOSEException e) {
      throw new InvalidTokenException("unknown_key");
    } catch (JOSEException e) {
      throw new InvalidTokenException("signature");
    } catch (RuntimeException | StackOverflowError e) {
      // Whatever a parser does with a strange token, it is a bad token.
      throw new InvalidTokenException("malformed");
    }
  }

  @Override
  public void close() {
    keys.close();
  }

  private Map<String, Object> verifiedClaims(SignedJWT token)
      throws InvalidTokenException, BadJOSEException, JOSEException {
    JWSHeader header = token.getHeader();
    if (!settings.algorithms().contains(header.getAlgorithm())) {
      throw new InvalidTokenException("algorithm");
    }
    if (header.getCriticalParams() != null) {
      throw new InvalidTokenException("critical_header");
    }
    try {
      TYPES.verify(header.getType(), null);
    } catch (BadJOSEException e) {
      throw new InvalidTokenException("type");
    }
    processor.process(token, null);
    return token.getPayload().toJSONObject();
  }
}
