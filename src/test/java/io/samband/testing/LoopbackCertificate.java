package io.samband.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A self-signed certificate for {@code localhost} and {@code 127.0.0.1}, made once per JVM by keytool. */
public final class LoopbackCertificate {
  /** Of the store and of the key in it. */
  public static final String PASSWORD = "changeit";

  private static final String ALIAS = "loopback";
  private static final Path STORE = make();

  private LoopbackCertificate() {}

  /** A PKCS #12 file that is a key store for a server, and a trust store for its clients. */
  public static Path store() {
    return STORE;
  }

  /** Options for a JVM that is to trust this certificate, and no other. */
  public static List<String> jvmOptions() {
    return List.of(
        "-Djavax.net.ssl.trustStore=" + STORE, "-Djavax.net.ssl.trustStorePassword=" + PASSWORD);
  }

  /** For servers that show this certificate, and clients that trust it. */
  public static SSLContext tls() {
    try {
      KeyStore store = keyStore();
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(store, PASSWORD.toCharArray());
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The certificate and its key, as servers read them that know no key stores. */
  static String pem() {
    try {
      KeyStore store = keyStore();
      return pem("CERTIFICATE", store.getCertificate(ALIAS).getEncoded())
          + pem("PRIVATE KEY", store.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pem(String what, byte[] der) {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + what + "-----\n" + base64 + "\n-----END " + what + "-----\n";
  }

  static X509Certificate certificate() {
    try {
      return (X509Certificate) keyStore().getCertificate(ALIAS);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyStore keyStore() throws GeneralSecurityException {
    try {
      return KeyStore.getInstance(STORE.toFile(), PASSWORD.toCharArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path make() {
    try {
      Path store = Files.createTempDirectory("samband-tls-").resolve("store.p12");
      store.toFile().deleteOnExit();
      store.getParent().toFile().deleteOnExit();
      Processes.printed(new ProcessBuilder(command(store)));
      return store;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> command(Path store) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
        "-genkeypair",
        "-alias",
        ALIAS,
        "-keyalg",
        "EC",
        "-storetype",
        "PKCS12",
        "-storepass",
        PASSWORD,
        "-dname",
        "CN=localhost",
        "-ext",
        "san=ip:127.0.0.1,dns:localhost",
        "-validity",
        "2",
        "-keystore",
        store.toString());
  }
}
