package io.samband.event;

import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import jakarta.json.bind.JsonbConfig;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/**
 * What is pushed to every browser: {@code {"type", "data", "timestamp"}}. A module fires it as a CDI event.
 *
 * <p>Everything is checked and encoded where the event is made, once, in the thread that makes it: an error reaches the code
 * that made it. Thread-safe; immutable but for {@link #outcome()}. Two events are equal only if they are the same object.
 */
public final class SSEEvent {
  /** Why 64 KiB: a frame is sent to every subscriber, and a stalled one holds at most one of them in memory. */
  public static final int DEFAULT_MAX_DATA_BYTES = 64 * 1024;

  private static final Pattern TYPE = Pattern.compile("[a-z][a-z0-9_]{0,63}");
  private static final Instant YEAR_1 = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant YEAR_10000 = Instant.parse("9999-12-31T23:59:59.999Z");

  // Looked up once: a look-up costs far more than the work. Nulls stay, because they are data.
  private static final Jsonb JSONB = JsonbBuilder.create(new JsonbConfig().withNullValues(true));

  // Static, because events are made with `of` by code that nothing was injected into. Set once, at
  // the start of the deployment.
  private static volatile int maxDataBytes = DEFAULT_MAX_DATA_BYTES;

  private final String type;
  private final Instant timestamp;
  private final byte[] json;
  private final int dataFrom;
  private final int dataTo;
  private final Audience audience;
  private final CompletableFuture<PublishOutcome> outcome = new CompletableFuture<>();

  /**
   * Makes an event of data that is JSON already.
   *
   * @param type {@code [a-z][a-z0-9_]{0,63}}
   * @param data one JSON value; white space between its tokens is dropped
   * @param timestamp when the event was made; kept to the millisecond
   * @throws IllegalArgumentException if the type, the data or the timestamp is not as described above
   * @throws EventTooLargeException if the data is larger than the deployment takes
   */
  public SSEEvent(String type, String data, Instant timestamp) {
    this(data == null ? null : CompactJson.of(data), type, timestamp);
  }

  /** As the public constructor, of data that {@link CompactJson} has written. */
  SSEEvent(StringBuilder data, String type, Instant timestamp) {
    if (!isType(type)) {
      throw new IllegalArgumentException("type must match " + TYPE.pattern() + ": " + type);
    }
    if (data == null || timestamp == null) {
      throw new IllegalArgumentException("data and timestamp must be there; null is \"null\"");
    }
    if (timestamp.isBefore(YEAR_1) || timestamp.isAfter(YEAR_10000)) {
      throw new IllegalArgumentException(
          "timestamp is not in the years 0001 to 9999: " + timestamp);
    }
    this.type = type;
    this.timestamp = timestamp.truncatedTo(ChronoUnit.MILLIS);
    String head = "{\"type\":\"" + type + "\",\"data\":";
    String tail = ",\"timestamp\":\"" + Timestamps.format(this.timestamp) + "\"}";
    this.json = data.insert(0, head).append(tail).toString().getBytes(StandardCharsets.UTF_8);
    this.dataFrom = head.length();
    this.dataTo = json.length - tail.length();
    this.audience = Audience.EVERYBODY;
    if (dataTo - dataFrom > maxDataBytes) {
      throw new EventTooLargeException(type, dataTo - dataFrom, maxDataBytes);
    }
  }

  private SSEEvent(SSEEvent event, Audience audience) {
    this.type = event.type;
    this.timestamp = event.timestamp;
    this.json = event.json;
    this.dataFrom = event.dataFrom;
    this.dataTo = event.dataTo;
    this.audience = audience;
  }

  /**
   * An event of now.
   *
   * @param type {@code [a-z][a-z0-9_]{0,63}}
   * @param data anything that JSON-B can write, or null; members that are null are kept
   * @return the event, checked and encoded
   * @throws IllegalArgumentException if the type is not well-formed
   * @throws EventTooLargeException if the data is larger than the deployment takes
   * @throws jakarta.json.bind.JsonbException if the data cannot be written as JSON
   */
  public static SSEEvent of(String type, Object data) {
    return new SSEEvent(type, data == null ? "null" : JSONB.toJson(data), Instant.now());
  }

  /**
   * As {@link #of(String, Object)}, of a known type.
   *
   * @param type what kind of event it is
   * @param data anything that JSON-B can write, or null
   * @return the event, checked and encoded
   */
  public static SSEEvent of(SSEEventType type, Object data) {
    return of(type.wireName(), data);
  }

  /**
   * The same event for an audience: only subscribers that have at least one of these attributes see it. It is a new event,
   * with an outcome of its own; this one stays as it is.
   *
   * @param attributes 1 to 16, each for example {@code user:kari}, {@code role:leader} or {@code station:B12}; see {@link
   *     Audience}
   * @return the event for that audience
   * @throws IllegalArgumentException if there is none, which would mean everybody, or one is not well-formed
   */
  public SSEEvent to(String... attributes) {
    return to(Audience.of(attributes));
  }

  SSEEvent to(Audience newAudience) {
    return new SSEEvent(this, newAudience);
  }

  /**
   * Reads the JSON of an event, as it is published over HTTP: {@code {"type", "data", "timestamp"?, "audience"?}} in UTF-8.
   * Without a timestamp it is an event of now, without an audience it is for everybody.
   *
   * @param json one JSON object
   * @return the event
   * @throws EventSyntaxException if it is not such an object
   * @throws InvalidEventException if the type, the data, the timestamp or the audience is not allowed
   * @throws EventTooLargeException if the data is larger than the deployment takes
   */
  public static SSEEvent parse(byte[] json) {
    return EventParser.parse(json);
  }

  /**
   * Whether this can be the type of an event.
   *
   * @param type may be null
   * @return false for null, too
   */
  public static boolean isType(String type) {
    return type != null && TYPE.matcher(type).matches();
  }

  /**
   * Sets how many bytes of encoded data an event may have. Called by the deployment at its start.
   *
   * @param bytes {@code samband.event.max-data-bytes}
   */
  public static void limitDataBytes(int bytes) {
    maxDataBytes = bytes;
  }

  /** {@return what kind of event this is, for example {@code flash_message}} */
  public String type() {
    return type;
  }

  /** {@return the data as JSON on one line} */
  public String data() {
    return new String(json, dataFrom, dataTo - dataFrom, StandardCharsets.UTF_8);
  }

  /** {@return when the event was made, to the millisecond} */
  public Instant timestamp() {
    return timestamp;
  }

  /** {@return who may see the event} Not a part of its JSON: those who see it are not told who else does. */
  public Audience audience() {
    return audience;
  }

  /**
   * The event as it is on the wire, keys in the order of the contract, on one line.
   *
   * @return UTF-8; not a copy: do not write to it
   */
  public byte[] json() {
    return json;
  }

  /**
   * What became of this event. It is known when {@code fire} returns outside a transaction, and when the commit or rollback
   * returns inside one; with an outbox it is {@link PublishOutcome.Waiting} then, because the event is safe but has no id. If the event is fired several times, this is what became of it the first time.
   *
   * @return completed when it is known
   */
  public CompletionStage<PublishOutcome> outcome() {
    return outcome.minimalCompletionStage();
  }

  /**
   * Says what became of this event. Called by the code that publishes it; only the first call has an effect.
   *
   * @param result what {@link #outcome()} will say
   */
  public void settle(PublishOutcome result) {
    outcome.complete(result);
  }

  /** The JSON as text. */
  @Override
  public String toString() {
    return new String(json, StandardCharsets.UTF_8);
  }
}
