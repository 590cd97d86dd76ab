/** The same events from the same cursor for browsers that cannot stream. */
package io.samband.poll;
