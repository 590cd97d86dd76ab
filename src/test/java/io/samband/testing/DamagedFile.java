package io.samband.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Does what a bad disk does to a file that nobody has open. */
public final class DamagedFile {
  private DamagedFile() {}

  /**
   * Overwrites each occurrence of a text, of which there must be one.
   *
   * @param around bytes before and after the beginning of the text that go, too
   */
  public static void overwrite(Path file, String text, int around) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    String content = new String(bytes, StandardCharsets.ISO_8859_1);
    assertThat(content).contains(text);
    for (int at = content.indexOf(text); at >= 0; at = content.indexOf(text, at + 1)) {
      int to = at + Math.max(around, text.length());
      Arrays.fill(bytes, Math.max(0, at - around), Math.min(to, bytes.length), (byte) 0xff);
    }
    Files.write(file, bytes);
  }
}
