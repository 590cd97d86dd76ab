package io.samband.log;

/** An event that is about to be stored, encoded. Immutable: {@link #json()} must not be changed. */
public final class Entry {
  private final String type;
  private final byte[] json;
  private final IdempotencyKey key;

  /**
   * @param json the whole event, one line of JSON in UTF-8; not copied
   * @param key of its publication, or null
   */
  public Entry(String type, byte[] json, IdempotencyKey key) {
    this.type = type;
    this.json = json;
    this.key = key;
  }

  public String type() {
    return type;
  }

  public byte[] json() {
    return json;
  }

  /** The key of its publication, or null. */
  public IdempotencyKey key() {
    return key;
  }
}
