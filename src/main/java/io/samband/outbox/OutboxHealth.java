package io.samband.outbox;

/**
 * Whether events get out of the outbox.
 *
 * @param backlog committed events that are not in the log yet, of all nodes, when the table was last looked at
 * @param oldestSeconds for how long the oldest of them has waited then, counted from the begin of its transaction, by the clock
 *     of the database
 * @param lookSeconds how long ago that was: about 1 while all is well
 * @param problem why events stay, or null
 */
public record OutboxHealth(
    long backlog, double oldestSeconds, double lookSeconds, String problem) {}
