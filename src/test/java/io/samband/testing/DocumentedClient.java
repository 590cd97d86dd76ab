package io.samband.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;

/** A program of {@code docs/clients.md} in a process of its own. Closing it ends it. */
public final class DocumentedClient implements AutoCloseable {
  private final Process process;
  private final Path output;

  /** Starts a program with an address and a token, as that page says. */
  public DocumentedClient(List<String> command, Path output, URI server, String token) {
    this.output = output;
    ProcessBuilder builder = new ProcessBuilder(command)
        .redirectOutput(output.toFile())
        .redirectError(output.resolveSibling(output.getFileName() + "-errors").toFile());
    builder.environment().put("SAMBAND_URL", server.toString().replaceAll("/$", ""));
    builder.environment().put("SAMBAND_TOKEN", token);
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The command for a Java program, which is compiled without a warning first. */
  public static List<String> java(Path source) {
    String libraries = System.getProperty("java.class.path");
    Path classes = source.getParent();
    int exit = ToolProvider.getSystemJavaCompiler()
        .run(
            null,
            null,
            null,
            "--release",
            "17",
            "-Xlint:all",
            "-Werror",
            "-proc:none",
            "-d",
            classes.toString(),
            "-cp",
            libraries,
            source.toString());
    if (exit != 0) {
      throw new IllegalStateException("javac " + source + ": " + exit);
    }
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx96m",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        classes + File.pathSeparator + libraries,
        source.getFileName().toString().replace(".java", ""));
  }

  /** A Python that has {@code httpx} and {@code httpx_sse}: of the virtual environment that CI makes, or of this machine. */
  public static Optional<String> python() {
    return List.of("target/python/bin/python", "python3").stream()
        .filter(DocumentedClient::hasModules)
        .findFirst();
  }

  private static boolean hasModules(String python) {
    try {
      Process check = new ProcessBuilder(python, "-c", "import httpx, httpx_sse")
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start();
      return check.waitFor(1, TimeUnit.MINUTES) && check.exitValue() == 0;
    } catch (IOException noSuchProgram) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The whole lines that it has printed so far; fails with its errors if it has ended. */
  public List<String> lines() {
    String text = text(output);
    if (!process.isAlive()) {
      throw new AssertionError("The program ended with " + process.exitValue() + ":\n"
          + text(output.resolveSibling(output.getFileName() + "-errors")));
    }
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
  }
}
