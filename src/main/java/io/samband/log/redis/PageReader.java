package io.samband.log.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.samband.log.Epochs;
import io.samband.log.EventHeader;
import io.samband.log.PageBuilder;
import java.util.List;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.Response;

/** Fills one page from the stream. Used by one thread. */
final class PageReader {
  private static final byte[] SHOWN = "shown".getBytes(UTF_8);

  private static final int FIRST_ROWS = 32;
  private static final int MIN_ROWS = 4;
  private static final int MAX_ROWS = 512;

  /** What one answer of the server should hold, in bytes: more would be held in memory at once for a page that is full. */
  private static final int ANSWER_BYTES = 1 << 20;

  private final Keys keys;
  private final PageBuilder page;
  private final Epochs epochs;
  private int rows = FIRST_ROWS;

  PageReader(Keys keys, PageBuilder page, Epochs epochs) {
    this.keys = keys;
    this.page = page;
    this.epochs = epochs;
  }

  /**
   * Reads until the page is full, or the log has no more up to an offset.
   *
   * @throws io.samband.log.shared.FencedException if the log has another newest epoch
   */
  void fill(RedisClient client, long through) {
    while (page.goesOn(through) && take(some(client, through))) {
      // The page has taken something and may take more.
    }
  }

  private List<Object> some(RedisClient client, long through) {
    try (Pipeline pipeline = client.pipelined()) {
      Response<List<Object>> found =
          pipeline.xrange(keys.log, id(page.through() + 1), id(through), rows);
      // Afterwards: if it is still the same, it was while the events were read.
      Response<byte[]> shown = pipeline.hget(keys.meta, SHOWN);
      pipeline.sync();
      if (shown.get() == null || !Reply.text(shown.get()).equals(epochs.current())) {
        throw Writer.fenced();
      }
      return found.get();
    }
  }

  private static byte[] id(long offset) {
    return (offset + "-0").getBytes(UTF_8);
  }

  /** Whether there were rows, and each followed the one before. */
  private boolean take(List<Object> found) {
    long bytes = 0;
    for (Object each : found) {
      Row row = Row.of((List<?>) each);
      // A missing row means that trimming has overtaken this reader; the caller looks again at what
      // is kept.
      if (!page.isNext(row.header.offset())) {
        return false;
      }
      if (!page.add(row.header, page.takes(row.header) ? row.json : null, epochs)) {
        return true;
      }
      bytes += row.json.length;
    }
    page.checkBounds();
    if (!found.isEmpty()) {
      long average = Math.max(1, bytes / found.size());
      rows = (int) Math.max(MIN_ROWS, Math.min(MAX_ROWS, ANSWER_BYTES / average));
    }
    return !found.isEmpty();
  }

  /** An entry of the stream. */
  private static final class Row {
    final EventHeader header;
    final byte[] json;

    private Row(EventHeader header, byte[] json) {
      this.header = header;
      this.json = json;
    }

    static Row of(List<?> entry) {
      String id = Reply.text(entry.get(0));
      String type = "";
      byte[] json = null;
      byte[] audience = null;
      List<?> fields = (List<?>) entry.get(1);
      for (int i = 0; i < fields.size(); i += 2) {
        byte[] value = (byte[]) fields.get(i + 1);
        switch (Reply.text(fields.get(i))) {
          case "t" -> type = Reply.text(value);
          case "j" -> json = value;
          case "u" -> audience = value;
          default -> {
            // Times and totals are for trimming; a later version may add more.
          }
        }
      }
      long offset = Long.parseLong(id.substring(0, id.indexOf('-')));
      return new Row(new EventHeader(offset, type, Audiences.read(audience)), json);
    }
  }
}
