package io.samband.log.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import redis.clients.jedis.commands.ScriptingKeyBinaryCommands;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/** A Lua script that the server runs as a whole, with nothing else between. Immutable. */
enum Script {
  OPEN,
  APPEND,
  COMMIT,
  HEAD,
  TRIM,
  PRESENCE_RENEW,
  PRESENCE_PUBLISH,
  PRESENCE_READ,
  PRESENCE_TIDY,
  PRESENCE_LEAVE;

  private final String source;
  private final String hash;

  Script() {
    source = source(name().toLowerCase(Locale.ROOT));
    try {
      hash = HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-1").digest(source.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }

  /** The first line names the engine, and must stay the first; what all scripts need comes after it. */
  private static String source(String name) {
    String script = read(name);
    int body = script.indexOf('\n') + 1;
    return script.substring(0, body) + read("common") + script.substring(body);
  }

  private static String read(String name) {
    try (InputStream in = Script.class.getResourceAsStream(name + ".lua")) {
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs it by its hash, and sends it only if the server does not know it: after a restart, a failover, a flush. */
  Reply run(ScriptingKeyBinaryCommands server, List<byte[]> keys, List<byte[]> arguments) {
    try {
      return Reply.of(server.evalsha(hash.getBytes(UTF_8), keys, arguments));
    } catch (JedisNoScriptException e) {
      return Reply.of(server.eval(source.getBytes(UTF_8), keys, arguments));
    }
  }
}
