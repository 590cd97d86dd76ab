package io.samband.testing;

/** Takes the chunked transfer coding (RFC 9112, section 7.1) off, in place, however the bytes are cut. */
public final class Dechunker {
  private enum In {
    SIZE,
    EXTENSION,
    DATA,
    DATA_END,
    TRAILER,
    END
  }

  private In state = In.SIZE;
  private long left;
  private boolean anyOnLine;

  /** Whether the last chunk and its trailer have been seen. */
  public boolean isEnd() {
    return state == In.END;
  }

  /** Returns how many bytes of content now stand at {@code from}. */
  public int dechunk(byte[] bytes, int from, int length) {
    int to = from;
    int end = from + length;
    int at = from;
    while (at < end) {
      if (state == In.DATA) {
        int size = (int) Math.min(left, end - at);
        System.arraycopy(bytes, at, bytes, to, size);
        to += size;
        at += size;
        left -= size;
        state = left == 0 ? In.DATA_END : In.DATA;
      } else {
        control(bytes[at++]);
      }
    }
    return to - from;
  }

  private void control(byte b) {
    switch (state) {
      case SIZE -> size(b);
      case EXTENSION -> {
        if (b == '\n') {
          startData();
        }
      }
      case DATA_END -> {
        if (b == '\n') {
          state = In.SIZE;
        }
      }
      case TRAILER -> {
        if (b == '\n' && !anyOnLine) {
          state = In.END;
        }
        anyOnLine = b != '\n' && (anyOnLine || b != '\r');
      }
      default -> throw new IllegalStateException("bytes after the last chunk");
    }
  }

  private void size(byte b) {
    if (b == '\n') {
      startData();
    } else if (b == ';') {
      state = In.EXTENSION;
    } else if (b != '\r') {
      left = left * 16 + Character.digit(b, 16);
    }
  }

  private void startData() {
    state = left == 0 ? In.TRAILER : In.DATA;
    anyOnLine = false;
  }
}
