package io.samband.log;

import io.samband.event.Audience;

/**
 * What a filter may decide by: everything about an event but its content.
 *
 * @param type as in {@link io.samband.event.SSEEvent#type()}
 * @param audience who may see the event
 */
public record EventHeader(long offset, String type, Audience audience) {}
