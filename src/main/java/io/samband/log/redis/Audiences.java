package io.samband.log.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.samband.event.Audience;

/**
 * How the audience of an event is stored: as a field of its own, with its attributes separated by commas. An event for
 * everybody has no such field.
 */
final class Audiences {
  private Audiences() {}

  /** Empty for everybody. */
  static byte[] write(Audience audience) {
    // An audience that could not be read is stored as something that cannot be read either, never
    // as everybody.
    return (audience.isNobody() ? "," : audience.toString()).getBytes(UTF_8);
  }

  /** What a field says, null if there is none; {@link Audience#NOBODY} if it cannot be read. */
  static Audience read(byte[] field) {
    return field == null ? Audience.EVERYBODY : Audience.parse(new String(field, UTF_8));
  }
}
