package io.samband.log;

import java.util.OptionalLong;

/**
 * How a node gets on with the server that keeps a shared log. Counts begin with the opening of the log by this process.
 *
 * @param unconfirmedMillis for how long the server has not confirmed where the log stands, in ms; at most about 500 while all
 *     is well
 * @param behind events that this node knows to be in the log, and has not passed on to its subscribers yet
 * @param unacknowledged events that are stored and not shown to anybody, because too few replicas have them, when the server
 *     was last asked; empty if readers get what is stored at once, or the server itself hides it
 * @param epochs how often this node has seen another epoch begin, whichever node began it
 * @param fenced appends that were refused because another epoch had begun or had to begin; each is repeated in it
 * @param repeats batches that were sent again and had been stored the first time; each is stored once
 * @param reconnects how often the log was opened again, after a failure or a refused append
 */
public record SharedLogFigures(
    long unconfirmedMillis,
    long behind,
    OptionalLong unacknowledged,
    long epochs,
    long fenced,
    long repeats,
    long reconnects) {
  /** Whether what this node knows of the log counts as stale. */
  public boolean isStale() {
    return unconfirmedMillis > LogEngine.STALE_MILLIS;
  }
}
