package io.samband.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.testing.Frame;
import io.samband.testing.Http;
import io.samband.testing.LiveServer;
import io.samband.testing.RawStream;
import io.samband.testing.Rounds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Outputs that are full and drained thousands of times, so that they pass all the time between the worker that writes and the
 * thread in which the container finds them writable (ADR 18). A container for which that is unsafe tears or loses frames.
 */
class OutputThreadIT {
  private static final int STREAMS = 8;
  private static final int BURSTS = 25;
  private static final int BURST = 20;

  private final LiveServer server = LiveServer.shared();
  private final Http http = server.http();

  @Test
  void everyByteArrivesOnceWhileOutputsBlockAndDrain() {
    Random random = Rounds.random(OutputThreadIT.class);
    // With new streams each time: all that they received is kept until it has been compared.
    for (int round = 0; round < Rounds.of(1, 40); round++) {
      blockAndDrain(random);
    }
  }

  private void blockAndDrain(Random random) {
    List<RawStream> streams = new ArrayList<>();
    List<String> published = new ArrayList<>();
    try {
      for (int i = 0; i < STREAMS; i++) {
        streams.add(RawStream.open(server.base(), "api/sse?types=output_thread", 4_096));
        streams.get(i).next(frame -> frame.is("hello"));
      }
      for (int burst = 0; burst < BURSTS; burst++) {
        streams.forEach(stream -> {
          if (random.nextBoolean()) {
            stream.pause();
          } else {
            stream.resume();
          }
        });
        for (int i = 0; i < BURST; i++) {
          published.add(publish(published.size(), random));
        }
      }
      for (RawStream stream : streams) {
        stream.resume();
        String last = published.get(published.size() - 1);
        stream.next(frame -> frame.isEvent() && frame.text().equals(last));
        assertThat(stream.events().stream().map(Frame::text).toList()).isEqualTo(published);
      }
    } finally {
      streams.forEach(RawStream::close);
    }
  }

  /** The frame that each stream must get. */
  private String publish(int number, Random random) {
    String timestamp = "2026-11-23T14:00:00.000Z";
    String data = "\"" + (number + ".").repeat(1 + random.nextInt(10_000)) + "\"";
    String event =
        "{\"type\":\"output_thread\",\"data\":" + data + ",\"timestamp\":\"" + timestamp + "\"}";
    String id = http.post("api/sse/events", event).json().asJsonObject().getString("id");
    return "id: " + id + "\ndata: " + event + "\n\n";
  }
}
