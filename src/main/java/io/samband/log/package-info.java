/**
 * The ordered, numbered, durable record of events. Live delivery, replay and polling all read through {@link
 * io.samband.log.EventLog}, so they cannot disagree. Knows no HTTP and no subscriber.
 */
package io.samband.log;
