package io.samband.log.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.samband.log.Epochs;
import io.samband.log.Gap;
import io.samband.log.LogState;
import io.samband.log.LogUnavailableException;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.commands.ScriptingKeyBinaryCommands;

/** Asks where the log stands. Epochs and gaps, which change rarely, are sent only when they have changed. Thread-safe. */
final class HeadReader {
  /** Everything that is recorded, also what readers may not know yet. */
  private record Shape(String name, List<Epochs.Epoch> epochs, List<Gap> gaps) {}

  private final Keys keys;
  private volatile Shape known = new Shape("", List.of(), List.of());
  private volatile long unacknowledged;

  HeadReader(Keys keys) {
    this.keys = keys;
  }

  /**
   * Asks one server.
   *
   * @throws io.samband.log.shared.FencedException if it is another one than that of the newest epoch
   */
  LogState ask(ScriptingKeyBinaryCommands server) {
    Shape shape = known;
    Reply reply = Script.HEAD.run(
        server, List.of(keys.meta, keys.epochs, keys.gaps), List.of(shape.name().getBytes(UTF_8)));
    if (reply.is("fenced")) {
      throw Writer.fenced();
    }
    unacknowledged = reply.number(5) - reply.number(3);
    if (reply.size() > 6) {
      shape = new Shape(reply.text(1), epochs(reply.texts(6)), gaps(reply.texts(7)));
      known = shape;
    }
    return new LogState(
        shown(shape.epochs(), reply.text(2)), reply.number(4), reply.number(3), shape.gaps());
  }

  /** How many events were stored, and not for readers yet, when it was last asked. */
  long unacknowledged() {
    return unacknowledged;
  }

  private static List<Epochs.Epoch> epochs(List<String> texts) {
    return texts.stream()
        .map(text -> text.split(":"))
        .map(parts -> new Epochs.Epoch(parts[0], Long.parseLong(parts[1])))
        .toList();
  }

  private static List<Gap> gaps(List<String> texts) {
    List<Gap> gaps = new ArrayList<>();
    for (int i = 0; i < texts.size(); i += 2) {
      gaps.add(new Gap(Long.parseLong(texts.get(i)), Long.parseLong(texts.get(i + 1))));
    }
    return gaps;
  }

  /** A later epoch is there, but a failover could still take it back. */
  private static Epochs shown(List<Epochs.Epoch> epochs, String newest) {
    for (int i = epochs.size() - 1; i >= 0; i--) {
      if (epochs.get(i).name().equals(newest)) {
        return new Epochs(epochs.subList(0, i + 1));
      }
    }
    throw new LogUnavailableException("another node is just making the log");
  }
}
