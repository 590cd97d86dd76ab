package io.samband.log;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * The newest commits once more, in two plain files that are written in turn.
 *
 * <p>After a crash H2 guesses which of the chunks in its file is the newest, and once it reuses space it can go back by some
 * 20 commits that were acknowledged (found by killing it). What it has forgotten is put back from here. Used by one thread.
 */
final class Tail {
  /** What one commit did: began an epoch, stored events, or gave offsets to lost ones. */
  record Commit(
      String epoch,
      String previousEpoch,
      long first,
      long lostThrough,
      List<Store.Entry> entries) {}

  // A file is begun anew when the other holds at least so much: far more than H2 ever forgets.
  private static final int MIN_COMMITS = 500;
  private static final int MIN_BYTES = 1 << 20;

  private final Path[] files;
  private final boolean sync;
  private FileChannel channel;
  private int current;
  private int commits;

  Tail(Path dir, boolean sync) {
    this.files = new Path[] {dir.resolve("samband.tail-1"), dir.resolve("samband.tail-2")};
    this.sync = sync;
  }

  /** All commits that are still here, the oldest first; a torn one ends its file. */
  List<Commit> open() throws IOException {
    close();
    long[] times = new long[2];
    for (int i = 0; i < 2; i++) {
      times[i] = Files.exists(files[i]) ? Files.getLastModifiedTime(files[i]).toMillis() : 0;
    }
    current = times[1] > times[0] ? 1 : 0;
    List<Commit> all = new ArrayList<>(read(files[1 - current]));
    List<Commit> newest = read(files[current]);
    all.addAll(newest);
    commits = newest.size();
    begin(MIN_COMMITS / 2 < commits);
    return all;
  }

  private void begin(boolean other) throws IOException {
    if (other) {
      close();
      current = 1 - current;
      commits = 0;
      channel = FileChannel.open(
          files[current],
          StandardOpenOption.CREATE,
          StandardOpenOption.WRITE,
          StandardOpenOption.TRUNCATE_EXISTING);
    } else {
      channel =
          FileChannel.open(files[current], StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      channel.truncate(wholeLength(files[current]));
      channel.position(channel.size());
    }
  }

  void write(Commit commit) {
    try {
      if (commits >= MIN_COMMITS && channel.position() >= MIN_BYTES) {
        begin(true);
      }
      ByteBuffer record = ByteBuffer.wrap(encode(commit));
      while (record.hasRemaining()) {
        channel.write(record);
      }
      if (sync) {
        channel.force(false);
      }
      commits++;
    } catch (IOException e) {
      throw new LogUnavailableException(
          "cannot write " + files[current] + ": " + e.getMessage(), e);
    }
  }

  void close() {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        channel = null;
      }
    }
  }

  private static byte[] encode(Commit commit) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeUTF(commit.epoch());
    out.writeUTF(commit.previousEpoch());
    out.writeLong(commit.first());
    out.writeLong(commit.lostThrough());
    out.writeInt(commit.entries().size());
    for (Store.Entry entry : commit.entries()) {
      out.writeUTF(entry.type());
      out.writeInt(entry.json().length);
      out.write(entry.json());
      out.writeUTF(entry.key() == null ? "" : entry.key().value());
      out.writeUTF(entry.key() == null ? "" : entry.key().bodyHash());
    }
    byte[] payload = bytes.toByteArray();
    return ByteBuffer.allocate(12 + payload.length)
        .putInt(payload.length)
        .putLong(checksum(payload))
        .put(payload)
        .array();
  }

  private static Commit decode(byte[] payload) throws IOException {
    var in = new DataInputStream(new ByteArrayInputStream(payload));
    String epoch = in.readUTF();
    String previous = in.readUTF();
    long first = in.readLong();
    long lostThrough = in.readLong();
    List<Store.Entry> entries = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      String type = in.readUTF();
      byte[] json = in.readNBytes(in.readInt());
      String key = in.readUTF();
      String hash = in.readUTF();
      entries.add(
          new Store.Entry(type, json, key.isEmpty() ? null : new IdempotencyKey(key, hash)));
    }
    return new Commit(epoch, previous, first, lostThrough, entries);
  }

  private static long checksum(byte[] payload) {
    var crc = new CRC32();
    crc.update(payload);
    return crc.getValue();
  }

  private static List<Commit> read(Path file) throws IOException {
    List<Commit> commits = new ArrayList<>();
    for (byte[] payload : payloads(file)) {
      commits.add(decode(payload));
    }
    return commits;
  }

  private static long wholeLength(Path file) throws IOException {
    return payloads(file).stream().mapToLong(payload -> 12 + payload.length).sum();
  }

  private static List<byte[]> payloads(Path file) throws IOException {
    List<byte[]> payloads = new ArrayList<>();
    if (!Files.exists(file)) {
      return payloads;
    }
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    while (bytes.remaining() >= 12) {
      int length = bytes.getInt();
      long checksum = bytes.getLong();
      if (length < 0 || length > bytes.remaining()) {
        break;
      }
      byte[] payload = new byte[length];
      bytes.get(payload);
      if (checksum(payload) != checksum) {
        break;
      }
      payloads.add(payload);
    }
    return payloads;
  }
}
