package io.samband.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process that holds streams, to be killed: its sockets then end as those of a browser that crashed. */
public final class StreamProcess {
  private final Process process;

  /** Starts a process that holds {@code count} streams, and returns when all have got their first bytes. */
  public static StreamProcess start(URI base, int count) {
    return new StreamProcess(base, count);
  }

  private StreamProcess(URI base, int count) {
    try {
      process = new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xmx64m",
              "-XX:TieredStopAtLevel=1",
              "-cp",
              Path.of(StreamProcess.class
                      .getProtectionDomain()
                      .getCodeSource()
                      .getLocation()
                      .toURI())
                  .toString(),
              Main.class.getName(),
              base.getHost(),
              String.valueOf(base.getPort()),
              String.valueOf(count))
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start();
      if (process.getInputStream().read() != '+') {
        throw new IllegalStateException("the streams could not be opened");
      }
    } catch (IOException | java.net.URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  public void kill9() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** What runs in the process. */
  static final class Main {
    private Main() {}

    public static void main(String[] args) throws IOException {
      List<Socket> sockets = new ArrayList<>();
      for (int i = 0; i < Integer.parseInt(args[2]); i++) {
        Socket socket = new Socket(args[0], Integer.parseInt(args[1]));
        socket
            .getOutputStream()
            .write(("GET /api/sse HTTP/1.1\r\nHost: " + args[0]
                    + "\r\nUser-Agent: StreamProcess\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        sockets.add(socket);
      }
      byte[] buffer = new byte[4_096];
      for (Socket socket : sockets) {
        if (socket.getInputStream().read(buffer) < 0) {
          System.out.print('-');
          return;
        }
      }
      System.out.print('+');
      System.out.flush();
      drain(sockets, buffer);
    }

    private static void drain(List<Socket> sockets, byte[] buffer) {
      while (true) {
        for (Socket socket : sockets) {
          try {
            InputStream in = socket.getInputStream();
            if (in.available() > 0 && in.read(buffer) < 0) {
              return;
            }
            Thread.sleep(1);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          } catch (InterruptedException e) {
            return;
          }
        }
      }
    }
  }
}
