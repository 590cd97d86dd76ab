/**
 * What a module compiles against: an event, its type and its id. Nothing here knows how events are stored or delivered,
 * so a module that publishes depends on these classes and CDI alone.
 */
package io.samband.event;
