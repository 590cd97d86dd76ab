/**
 * What one would write without Samband: the container's own broadcaster, in a WAR that only the benchmark deploys. It
 * imports nothing of ours.
 */
package io.samband.bench.stock;
