package io.samband.stream;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BlockingOutputTest {
  private static final byte[] MUCH = new byte[16 * 1024];

  private final ExecutorService writers = Executors.newCachedThreadPool();
  private final Client client = new Client();
  private final AtomicInteger writable = new AtomicInteger();
  private final AtomicInteger completed = new AtomicInteger();
  private final AtomicLong now = new AtomicLong();
  private final List<Throwable> broken = new CopyOnWriteArrayList<>();

  private boolean noThread;
  /** Null: a task gets a thread at once. */
  private List<Runnable> heldBack;

  private BlockingOutput output;

  @BeforeEach
  void open() throws IOException {
    AsyncContext context =
        fake(AsyncContext.class, Map.of("complete", (Supplier<Object>) completed::incrementAndGet));
    output = new BlockingOutput(
        fake(
            HttpServletRequest.class,
            Map.of("getAsyncContext", () -> context, "getProtocol", () -> "HTTP/1.1")),
        fake(HttpServletResponse.class, Map.of("getOutputStream", () -> client)),
        writable::incrementAndGet,
        broken::add,
        task -> {
          if (noThread) {
            // Where the JVM throws OutOfMemoryError, which would end the whole test run if it got
            // out.
            throw new InternalError("no thread, as meant");
          }
          if (heldBack == null) {
            writers.execute(task);
          } else {
            heldBack.add(task);
          }
        },
        now::get);
    output.start();
  }

  @AfterEach
  void letTheClientGo() {
    client.reads.release(1_000);
    writers.shutdown();
  }

  @Test
  void aWriteDoesNotWaitForItsClient() {
    output.write(bytes("one"));
    output.write(bytes(" two"));

    assertThat(writable).hasValue(1);
    assertThat(output.isReady()).isTrue();
    assertThat(client.text()).isEmpty();

    client.reads.release(2);
    await().until(() -> client.text().equals("one two"));
  }

  @Test
  void aFullBufferTakesNoMoreUntilTheClientReads() {
    output.write(bytes("one"));
    await().until(client.reads::hasQueuedThreads);
    output.write(MUCH);
    assertThat(output.isReady()).isFalse();
    assertThat(writable).hasValue(1);

    client.reads.release();
    await().untilAsserted(() -> assertThat(writable).hasValue(2));
    assertThat(output.isReady()).isTrue();
  }

  @Test
  void theRestIsWrittenBeforeTheEndWhichComesOnce() {
    output.write(bytes("one"));
    await().until(client.reads::hasQueuedThreads);
    output.write(bytes(" two"));
    output.close();
    output.close();
    assertThat(completed).hasValue(0);

    now.addAndGet(MILLISECONDS.toNanos(199));
    client.reads.release(2);
    await().untilAsserted(() -> assertThat(completed).hasValue(1));
    assertThat(client.text()).isEqualTo("one two");
    assertThat(broken).isEmpty();
  }

  @Test
  void aClientThatDoesNotReadGetsNothingMoreAfterTheEnd() {
    output.write(bytes("one"));
    await().until(client.reads::hasQueuedThreads);
    output.write(bytes(" two"));
    output.close();
    now.addAndGet(MILLISECONDS.toNanos(201));
    output.close();

    client.reads.release(2);
    await().untilAsserted(() -> assertThat(completed).hasValue(1));
    assertThat(client.text()).isEqualTo("one");
    assertThat(broken).isEmpty();
  }

  @Test
  void aWriterThatStartsLateStillWritesTheRest() {
    heldBack = new ArrayList<>();
    output.write(bytes("one"));
    output.close();
    now.addAndGet(MILLISECONDS.toNanos(10_000));
    heldBack.forEach(writers::execute);

    client.reads.release();
    await().untilAsserted(() -> assertThat(completed).hasValue(1));
    assertThat(client.text()).isEqualTo("one");
  }

  @Test
  void aClientThatIsGoneIsSaidAndItsRequestCanBeEnded() {
    client.gone = true;
    client.reads.release();
    output.write(bytes("one"));
    await().untilAsserted(() -> assertThat(broken).hasSize(1));
    assertThat(completed).hasValue(0);

    output.close();
    await().untilAsserted(() -> assertThat(completed).hasValue(1));
  }

  @Test
  void anErrorOfTheServerIsSaidAndItsRequestCanBeEnded() {
    client.error = new NoClassDefFoundError("meant");
    client.reads.release();
    output.write(bytes("one"));
    await().untilAsserted(() -> assertThat(broken).containsExactly(client.error));

    output.close();
    await().untilAsserted(() -> assertThat(completed).hasValue(1));
  }

  @Test
  void nothingIsWrittenAfterAWriteThatFailed() throws IOException {
    client.gone = true;
    client.reads.release(2);
    output.write(bytes("one"));
    await().untilAsserted(() -> assertThat(broken).hasSize(1));
    client.gone = false;

    assertThat(output.isReady()).isFalse();
    output.write(bytes("two"));
    output.close();
    await().untilAsserted(() -> assertThat(completed).hasValue(1));
    assertThat(client.text()).isEmpty();
  }

  @Test
  void anIdleStreamEndsAlsoIfNoThreadCanBeStarted() {
    noThread = true;
    output.close();
    output.close();

    assertThat(completed).hasValue(1);
    assertThat(broken).isEmpty();
  }

  @Test
  void aStreamWhoseWriteGetsNoThreadEndsWithoutIt() {
    noThread = true;
    assertThatThrownBy(() -> output.write(bytes("one")))
        .isInstanceOf(RejectedExecutionException.class);
    output.close();

    assertThat(completed).hasValue(1);
    assertThat(client.text()).isEmpty();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Answers these methods, and all others with nothing. */
  private static <T> T fake(Class<T> type, Map<String, Supplier<Object>> answers) {
    return type.cast(Proxy.newProxyInstance(
        type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
          Supplier<Object> answer = answers.get(method.getName());
          Object value = answer == null ? null : answer.get();
          if (method.getReturnType() == int.class) {
            return 0;
          }
          return method.getReturnType() == void.class ? null : value;
        }));
  }

  /** Takes a write when the test lets it. */
  private static final class Client extends ServletOutputStream {
    private final Semaphore reads = new Semaphore(0);
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private volatile boolean gone;
    private volatile Error error;

    String text() {
      return received.toString(StandardCharsets.US_ASCII);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      reads.acquireUninterruptibly();
      if (gone) {
        throw new IOException("gone");
      }
      if (error != null) {
        throw error;
      }
      received.write(bytes, from, length);
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setWriteListener(WriteListener listener) {
      throw new IllegalStateException("it could not write as it does after that");
    }
  }
}
