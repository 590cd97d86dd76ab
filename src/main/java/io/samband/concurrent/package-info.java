/** The one way to make a thread and the one way to try again, for the log and the streams. */
package io.samband.concurrent;
