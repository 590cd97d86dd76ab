package io.samband.log.h2;

import io.samband.event.Audience;
import io.samband.log.EventHeader;

/**
 * What the column {@code type} holds: the type, and if the event is not for everybody a comma and the attributes of its
 * audience. A type has no comma.
 *
 * <p>One column and not two, because H2 adds a column by copying the whole table: seconds for each 100 MB, a file three times
 * as large, and impossible if a part of it is damaged (ADR 35). In the row of the event, so that an audience cannot get lost
 * while its event is still there.
 */
final class TypeColumn {
  /** Characters: more than a type and the longest audience have. */
  static final int LENGTH = 4_096;

  private TypeColumn() {}

  static String of(String type, Audience audience) {
    return audience.isEverybody() ? type : type + ',' + audience;
  }

  /** An audience that cannot be read is {@link Audience#NOBODY}. */
  static EventHeader read(long offset, String text) {
    int comma = text.indexOf(',');
    return comma < 0
        ? new EventHeader(offset, text, Audience.EVERYBODY)
        : new EventHeader(
            offset, text.substring(0, comma), Audience.parse(text.substring(comma + 1)));
  }
}
