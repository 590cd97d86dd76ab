package io.samband.presence;

import java.time.Instant;
import java.util.List;

/**
 * One open stream, as other nodes may know it. Immutable.
 *
 * @param id its number at its node
 * @param user null for nobody in particular
 * @param connectedAt by the clock of its node
 * @param userAgent null if the client says none
 * @param types empty means all
 * @param behind where it stands; null if it has everything, as nearly all streams nearly always do
 */
public record PresentStream(
    long id,
    String user,
    Instant connectedAt,
    String address,
    String userAgent,
    List<String> types,
    Behind behind) {
  /**
   * A stream that does not have everything.
   *
   * @param state {@code blocked} or {@code replaying}
   */
  public record Behind(String cursor, String lastWriteAt, String state) {}

  public PresentStream {
    types = List.copyOf(types);
  }

  public PresentStream at(Behind place) {
    return new PresentStream(id, user, connectedAt, address, userAgent, types, place);
  }
}
