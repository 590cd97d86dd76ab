/**
 * The shared log on PostgreSQL 12 and later. The server numbers and stores in one function call per batch; what it does is in
 * {@code format-1.sql}.
 */
package io.samband.log.postgres;
