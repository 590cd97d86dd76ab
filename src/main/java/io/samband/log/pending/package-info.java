/**
 * What waits to be appended: bounded, in order, the same for every engine. Decides what is refused, kept or lost, when the log
 * counts as failing, and how long a reader waits. Knows no engine but by {@link io.samband.log.LogEngine}.
 */
package io.samband.log.pending;
