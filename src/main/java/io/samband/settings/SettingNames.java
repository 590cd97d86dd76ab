package io.samband.settings;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How settings may be spelt: as keys, and as environment variables (MicroProfile Config 3.1, section 5.3.1). Pure functions. */
final class SettingNames {
  private static final String PREFIX = "samband.";
  private static final String VARIABLE_PREFIX = "SAMBAND_";

  private static final Set<String> KEYS =
      Stream.of(Setting.values()).map(Setting::key).collect(Collectors.toSet());
  private static final Set<String> VARIABLES =
      KEYS.stream().map(SettingNames::variable).collect(Collectors.toSet());

  /** Kubernetes gives every container such variables for a service that is called {@code samband}. */
  private static final Pattern OF_KUBERNETES = Pattern.compile(
      "SAMBAND_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_.+)?)?)");

  private SettingNames() {}

  /**
   * Whether a name looks like a setting of ours and is none. Some containers report a variable such as {@code
   * SAMBAND_LOG_RETAIN_EVENTS} also as {@code samband.log.retain.events}, because they cannot know where hyphens stood.
   */
  static boolean isUnknown(String name, Function<String, Optional<String>> source) {
    boolean isOurs = name.startsWith(PREFIX) || name.startsWith(VARIABLE_PREFIX);
    return isOurs
        && !KEYS.contains(name)
        && !VARIABLES.contains(name)
        && !isReportedVariable(name, source)
        && !OF_KUBERNETES.matcher(variable(name)).matches();
  }

  private static boolean isReportedVariable(
      String name, Function<String, Optional<String>> source) {
    return KEYS.stream()
        .filter(key -> key.replace('-', '.').equals(name))
        .anyMatch(key -> source.apply(key).isPresent());
  }

  /** All keys, sorted, for messages. */
  static String allowed() {
    return String.join(", ", new TreeSet<>(KEYS));
  }

  private static String variable(String key) {
    return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
  }
}
