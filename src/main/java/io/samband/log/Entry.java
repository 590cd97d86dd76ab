package io.samband.log;

import io.samband.event.Audience;

/** An event that is about to be stored, encoded. Immutable: {@link #json()} must not be changed. */
public final class Entry {
  private final String type;
  private final Audience audience;
  private final byte[] json;
  private final IdempotencyKey key;

  /**
   * @param json the whole event, one line of JSON in UTF-8; not copied
   * @param key of its publication, or null
   */
  public Entry(String type, Audience audience, byte[] json, IdempotencyKey key) {
    this.type = type;
    this.audience = audience;
    this.json = json;
    this.key = key;
  }

  public String type() {
    return type;
  }

  /** Who may see the event. */
  public Audience audience() {
    return audience;
  }

  public byte[] json() {
    return json;
  }

  /** The key of its publication, or null. */
  public IdempotencyKey key() {
    return key;
  }
}
