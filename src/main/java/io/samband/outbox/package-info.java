/**
 * Events that are committed together with the data of their transaction: in a table of the application's database, from which
 * a relay brings them into the log. Off unless {@code samband.outbox.data-source} names a data source.
 */
package io.samband.outbox;
