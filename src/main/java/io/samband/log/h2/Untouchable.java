package io.samband.log.h2;

import io.samband.log.Gap;
import java.util.Comparator;
import java.util.List;

/**
 * Rows that must stay in the file because they are beside damage. H2 joins the pages of a tree when one becomes empty, and
 * reads its neighbour for that, in the middle of a commit; a commit that fails there leaves a file that cannot be opened.
 */
final class Untouchable {
  /** More than a page of the file holds. */
  static final int ROWS_BESIDE = 512;

  private Untouchable() {}

  /** The ranges around damage, in order; they may overlap. */
  static List<Gap> around(List<Gap> damages) {
    return damages.stream()
        .map(damage -> new Gap(Math.max(1, damage.from() - ROWS_BESIDE), damage.to() + ROWS_BESIDE))
        .sorted(Comparator.comparingLong(Gap::from))
        .toList();
  }
}
