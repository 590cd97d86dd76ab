package io.samband.auth.token;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The name of a claim, or a path to one inside others, such as {@code realm_access.roles}. */
record ClaimPath(String path) {
  /** The value, or null. A claim whose name has dots in it, such as {@code https://desk.example/roles}, comes first. */
  Object in(Map<?, ?> claims) {
    return find(claims, path);
  }

  /** The texts of a claim that is a string or an array. What is not a string is left out. */
  Set<String> textsIn(Map<?, ?> claims) {
    return texts(in(claims));
  }

  static Set<String> texts(Object value) {
    Set<String> texts = new LinkedHashSet<>();
    for (Object item : value instanceof List<?> list ? list : List.of(value == null ? "" : value)) {
      if (item instanceof String text && !text.isEmpty()) {
        texts.add(text);
      }
    }
    return texts;
  }

  private static Object find(Map<?, ?> claims, String path) {
    Object value = claims.get(path);
    // Every dot may be the end of a name: clients of Keycloak have dots in theirs.
    for (int dot = path.indexOf('.'); value == null && dot >= 0; dot = path.indexOf('.', dot + 1)) {
      if (claims.get(path.substring(0, dot)) instanceof Map<?, ?> inner) {
        value = find(inner, path.substring(dot + 1));
      }
    }
    return value;
  }
}
