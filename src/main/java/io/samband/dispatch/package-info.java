/**
 * Two small modules, as a team that uses Samband would write them: they know {@code Event<SSEEvent>} and nothing of how it
 * is delivered.
 */
package io.samband.dispatch;
