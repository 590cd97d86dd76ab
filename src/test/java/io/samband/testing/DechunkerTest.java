package io.samband.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DechunkerTest {
  private static final byte[] CHUNKED =
      "5\r\ndata:\r\nA;x=y\r\n 1234567\n\n\r\n0\r\nTrailer: x\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7, 11, 100})
  void theContentIsTheSameHoweverTheBytesAreCut(int step) {
    Dechunker dechunker = new Dechunker();
    StringBuilder content = new StringBuilder();
    for (int at = 0; at < CHUNKED.length; at += step) {
      byte[] some = Arrays.copyOfRange(CHUNKED, at, Math.min(at + step, CHUNKED.length));
      int length = dechunker.dechunk(some, 0, some.length);
      content.append(new String(some, 0, length, StandardCharsets.US_ASCII));
    }

    assertThat(content).hasToString("data: 1234567\n\n");
    assertThat(dechunker.isEnd()).isTrue();
  }
}
