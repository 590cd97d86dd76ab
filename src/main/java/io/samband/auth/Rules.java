package io.samband.auth;

import io.samband.event.SSEEvent;
import io.samband.settings.BadSettingException;
import io.samband.settings.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which role has a right to which event types: {@code role:type,type; role:type}. A {@code *} stands for every role, or every
 * type.
 */
final class Rules {
  private static final String EVERY = "*";

  private final List<Rule> rules;

  private record Rule(String role, Types types) {}

  private Rules(List<Rule> rules) {
    this.rules = List.copyOf(rules);
  }

  /**
   * Reads rules; an empty text gives nobody a right.
   *
   * @throws BadSettingException naming the rule that is wrong
   */
  static Rules parse(Setting setting, String text) {
    List<Rule> rules = new ArrayList<>();
    for (String part : text.split(";", -1)) {
      if (!part.isBlank()) {
        rules.add(rule(setting, part.trim()));
      }
    }
    return new Rules(rules);
  }

  private static Rule rule(Setting setting, String text) {
    // The last colon, because some issuers have roles with a colon in them. A type never has one.
    int colon = text.lastIndexOf(':');
    String role = text.substring(0, Math.max(0, colon)).trim();
    if (!isRole(role)) {
      throw wrong(setting, text);
    }
    Set<String> names = new TreeSet<>();
    for (String name : text.substring(colon + 1).split(",", -1)) {
      String type = name.trim();
      if (!type.equals(EVERY) && !SSEEvent.isType(type)) {
        throw wrong(setting, text);
      }
      names.add(type);
    }
    return new Rule(role, names.contains(EVERY) ? Types.ALL : Types.of(names));
  }

  private static BadSettingException wrong(Setting setting, String text) {
    return new BadSettingException(
        setting.key(),
        text,
        "rules of the form role:type,type separated by semicolons; * stands for every role or type");
  }

  /**
   * Reads a list of roles, separated by commas.
   *
   * @throws BadSettingException naming the role that is wrong
   */
  static Set<String> roles(Setting setting, String text) {
    Set<String> roles = new TreeSet<>();
    for (String item : text.split(",", -1)) {
      String role = item.trim();
      if (!role.isEmpty() && !isRole(role)) {
        throw new BadSettingException(
            setting.key(), role, "names of roles without spaces, separated by commas");
      }
      if (!role.isEmpty()) {
        roles.add(role);
      }
    }
    return roles;
  }

  private static boolean isRole(String role) {
    return !role.isEmpty() && role.chars().noneMatch(c -> c <= ' ' || c == ',' || c == ';');
  }

  /** What somebody with these roles has a right to. */
  Types typesOf(Set<String> roles) {
    return rules.stream()
        .filter(rule -> rule.role().equals(EVERY) || roles.contains(rule.role()))
        .map(Rule::types)
        .reduce(Types.NONE, Types::plus);
  }

  /** Whether somebody with these roles has one of those that are needed, or {@code *} is among them. */
  static boolean hasOneOf(Set<String> needed, Set<String> roles) {
    return needed.contains(EVERY) || needed.stream().anyMatch(roles::contains);
  }
}
