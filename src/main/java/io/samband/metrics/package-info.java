/** What can be measured, in the Prometheus text format. Delivering and appending pay nothing for it: values are read at the scrape. */
package io.samband.metrics;
