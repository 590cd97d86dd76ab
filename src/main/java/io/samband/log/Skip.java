package io.samband.log;

/**
 * Offsets in a row whose events a reader is not shown: its filter leaves them out.
 *
 * @param from the first of them
 * @param to the last of them
 */
public record Skip(long from, long to) {}
