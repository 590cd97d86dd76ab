package io.samband.log.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;

/** What a script has answered: a list of texts and lists, the first of them a status. */
record Reply(List<?> parts) {
  static Reply of(Object answer) {
    return new Reply((List<?>) answer);
  }

  boolean is(String status) {
    return status().equals(status);
  }

  String status() {
    return text(0);
  }

  int size() {
    return parts.size();
  }

  String text(int at) {
    return text(parts.get(at));
  }

  long number(int at) {
    return Long.parseLong(text(at));
  }

  List<String> texts(int at) {
    return ((List<?>) parts.get(at)).stream().map(Reply::text).toList();
  }

  static String text(Object part) {
    return new String((byte[]) part, UTF_8);
  }
}
