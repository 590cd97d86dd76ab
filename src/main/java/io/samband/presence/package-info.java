/**
 * Who is connected, at all nodes of one log. Each node publishes its streams through the server of the log, under a lease that
 * ends by the clock of that server. Knows neither streams nor engines: both are handed in.
 */
package io.samband.presence;
