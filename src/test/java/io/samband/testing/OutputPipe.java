package io.samband.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Copies the output of a process to a file, until it is told to stop reading: then the pipe fills, and who writes to it blocks. */
final class OutputPipe {
  private final InputStream from;
  private final Path to;
  private boolean stopped;

  OutputPipe(InputStream from, Path to) {
    this.from = from;
    this.to = to;
    Thread thread = new Thread(this::copy, "output-pipe");
    thread.setDaemon(true);
    thread.start();
  }

  synchronized void stop(boolean newStopped) {
    stopped = newStopped;
    notifyAll();
  }

  private synchronized void awaitTurn() throws InterruptedException {
    while (stopped) {
      wait();
    }
  }

  private void copy() {
    byte[] bytes = new byte[8_192];
    try (OutputStream out =
        Files.newOutputStream(to, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      for (int count = from.read(bytes); count >= 0; count = from.read(bytes)) {
        out.write(bytes, 0, count);
        awaitTurn();
      }
    } catch (IOException e) {
      // The process was killed.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
