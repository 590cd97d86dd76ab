package io.samband.log;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The openings of one log, oldest first, each with the first offset that it could assign. Immutable.
 *
 * @param list empty only before the first opening; first offsets never decrease, whatever is handed over
 */
public record Epochs(List<Epoch> list) {
  /** One opening. */
  public record Epoch(String name, long firstOffset) {}

  public Epochs {
    list = List.copyOf(ascending(list));
  }

  // A log that lost its tail is opened with an offset that an earlier epoch had: that one, and all
  // that came between, end there.
  private static List<Epoch> ascending(List<Epoch> list) {
    List<Epoch> ascending = new ArrayList<>(list);
    for (int i = ascending.size() - 2; i >= 0; i--) {
      Epoch epoch = ascending.get(i);
      long next = ascending.get(i + 1).firstOffset();
      if (epoch.firstOffset() > next) {
        ascending.set(i, new Epoch(epoch.name(), next));
      }
    }
    return ascending;
  }

  public Epochs with(String name, long firstOffset) {
    List<Epoch> longer = new ArrayList<>(list);
    longer.add(new Epoch(name, firstOffset));
    return new Epochs(longer);
  }

  /** The epoch of this opening. */
  public String current() {
    return list.get(list.size() - 1).name();
  }

  /** Whether an epoch is one of these. */
  public boolean has(String name) {
    // From the newest on, which is mostly the one that is looked for.
    for (int i = list.size() - 1; i >= 0; i--) {
      if (list.get(i).name().equals(name)) {
        return true;
      }
    }
    return false;
  }

  /** The epoch that assigned an offset. */
  public String of(long offset) {
    int low = 0;
    int high = list.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (list.get(middle).firstOffset() <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return list.get(low).name();
  }

  /** The last offset that is good in an epoch, or empty if the epoch is unknown. */
  public OptionalLong lastOffset(String name, long newest) {
    for (int i = list.size() - 1; i >= 0; i--) {
      if (list.get(i).name().equals(name)) {
        boolean isCurrent = i == list.size() - 1;
        return OptionalLong.of(isCurrent ? newest : list.get(i + 1).firstOffset() - 1);
      }
    }
    return OptionalLong.empty();
  }
}
