package io.samband.dispatch;

/**
 * A desk has read a flash message.
 *
 * @param by the name of the desk
 * @param at when, ISO 8601 in UTC
 */
public record Acknowledgement(String by, String at) {}
