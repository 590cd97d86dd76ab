package io.samband.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.event.EventId;
import io.samband.log.Epochs;
import io.samband.log.LogState;
import io.samband.log.Replay;
import io.samband.settings.Settings;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HelloTest {
  @Test
  void helloIsOneFrameWithTheIdThatWasAskedFor() {
    var replay = new Replay(Replay.Kind.COMPLETE, new EventId("0a0b0c0d", 3), 3, null);
    LogState log = new LogState(new Epochs(List.of(new Epochs.Epoch("0a0b0c0d", 1))), 1, 5);
    byte[] frame =
        Hello.frame(Hello.event(new FakeSse(), log, replay, Settings.of(Map.of()), null));
    assertThat(new String(frame, StandardCharsets.UTF_8))
        .isEqualTo("retry: 2000\nid: 0a0b0c0d-3\nevent: hello\ndata: {\"epoch\":\"0a0b0c0d\","
            + "\"oldest\":1,\"newest\":5,\"replay\":\"complete\",\"keepaliveMillis\":15000,"
            + "\"pollMillis\":5000}\n\n");
  }
}
