package io.samband.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Puts the tables and the plot of a run into {@code docs/}, so that no figure there was typed. */
final class Docs {
  private static final String BEGIN = "<!-- measured: written by the benchmark -->\n";
  private static final String END = "<!-- measured: end -->";

  private Docs() {}

  /** Takes what lies in the directory of the results: the servers may have been measured one at a time. */
  static void update(Path docs, Path results) throws IOException {
    StringBuilder tables = new StringBuilder(BEGIN);
    for (String server : List.of("wildfly", "payara")) {
      Path measured = results.resolve(server + ".md");
      if (Files.exists(measured)) {
        tables.append(Files.readString(measured));
      }
    }
    Path page = docs.resolve("performance.md");
    String text = Files.readString(page);
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IOException("no place for the tables in " + page);
    }
    Files.writeString(page, text.substring(0, begin) + tables + "\n" + text.substring(end));
    Files.createDirectories(docs.resolve("images"));
    Files.copy(
        results.resolve("performance.svg"),
        docs.resolve("images/performance.svg"),
        StandardCopyOption.REPLACE_EXISTING);
  }
}
