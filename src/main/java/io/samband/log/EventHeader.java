package io.samband.log;

/**
 * What a filter may decide by: everything about an event but its content.
 *
 * @param type as in {@link io.samband.event.SSEEvent#type()}
 */
public record EventHeader(long offset, String type) {}
