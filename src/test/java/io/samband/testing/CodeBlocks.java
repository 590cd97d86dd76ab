package io.samband.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The code blocks of a page of documentation. A block that is a file says its name after the language:
 * {@code ```tsx App.tsx}.
 */
public final class CodeBlocks {
  private static final Pattern BLOCK =
      Pattern.compile("^```(\\w+)(?: (\\S+))?\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

  /** Languages in which every block has to be a file, so that none of them goes untested. */
  private static final Set<String> FILES = Set.of("ts", "tsx", "vue", "html", "xhtml");

  private record Block(String name, String text) {}

  private final List<Block> blocks = new ArrayList<>();

  /** Reads a page; a block without a name in a language of the browser is an error. */
  public static CodeBlocks of(Path page) {
    CodeBlocks found = new CodeBlocks();
    try {
      Matcher matcher = BLOCK.matcher(Files.readString(page));
      while (matcher.find()) {
        String name = matcher.group(2);
        if (name != null) {
          found.blocks.add(new Block(name, matcher.group(3)));
        } else if (FILES.contains(matcher.group(1))) {
          throw new IllegalArgumentException(
              page + " has a block without a name:\n" + matcher.group());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  /** The text of the file of this name. */
  public String text(String name) {
    return blocks.stream()
        .filter(block -> block.name().equals(name))
        .findFirst()
        .orElseThrow()
        .text();
  }

  /** Writes every file as it stands in the page. */
  public void writeTo(Path directory) {
    try {
      for (Block block : blocks) {
        Path file = directory.resolve(block.name());
        Files.createDirectories(file.getParent());
        Files.writeString(file, block.text());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
