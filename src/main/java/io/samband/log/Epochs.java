package io.samband.log;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The openings of one log, oldest first, each with the first offset that it could assign. Immutable.
 *
 * @param list empty only before the first opening; first offsets never decrease
 */
public record Epochs(List<Epoch> list) {
  /** One opening. */
  public record Epoch(String name, long firstOffset) {}

  public Epochs {
    list = List.copyOf(list);
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
