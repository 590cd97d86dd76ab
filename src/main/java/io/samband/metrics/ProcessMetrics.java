package io.samband.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** Memory, threads, descriptors and age of the process. */
final class ProcessMetrics implements MeterBinder {
  // The binders of Micrometer that are left out listen to the garbage collector, and would keep the
  // application in memory after its end.
  @Override
  public void bindTo(MeterRegistry registry) {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
    Gauge.builder("process.files.open", beans, b -> descriptors(b, "Open"))
        .description("Open file descriptors")
        .register(registry);
    Gauge.builder("process.files.max", beans, b -> descriptors(b, "Max"))
        .description("Most file descriptors")
        .register(registry);
  }

  // Read by name: one of the containers hides the class that Micrometer's own binder needs.
  private static double descriptors(MBeanServer beans, String which) {
    try {
      Object count = beans.getAttribute(
          new ObjectName(ManagementFactory.OPERATING_SYSTEM_MXBEAN_NAME),
          which + "FileDescriptorCount");
      return ((Number) count).doubleValue();
    } catch (JMException e) {
      return Double.NaN; // This system does not count them.
    }
  }
}
