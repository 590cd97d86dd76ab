package io.samband.stream;

import io.samband.concurrent.NamedThreads;
import io.samband.web.OpenLiberty;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Makes the output of a stream, as the server needs it. */
@ApplicationScoped
public class Outputs {
  /** Has threads on Open Liberty only. */
  private final ExecutorService writers =
      Executors.newCachedThreadPool(new NamedThreads("samband-write"));

  public ServletOutput of(HttpServletRequest request, HttpServletResponse response, StreamSink sink)
      throws IOException {
    return OpenLiberty.isServerOf(request.getServletContext())
        ? new BlockingOutput(
            request, response, sink::onWritable, sink::onBroken, writers, System::nanoTime)
        : new ServletOutput(request, response, sink::onWritable, sink::onBroken);
  }

  /** After the streams have ended; what is being written still gets to its client. */
  @PreDestroy
  void close() {
    writers.shutdown();
  }
}
