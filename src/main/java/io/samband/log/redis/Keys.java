package io.samband.log.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

/** The names of what the log keeps on the server. The braces put all of them into one hash slot. */
final class Keys {
  /** A hash: format, epochs, and where the log begins and ends. */
  final byte[] meta;

  /** A stream: the events, each under {@code offset-0}. */
  final byte[] log;

  /** A list: the epochs as {@code name:first}. */
  final byte[] epochs;

  /** A hash: the first and the last offset of each gap. */
  final byte[] gaps;

  /** A hash: offset and body of each idempotency key. */
  final byte[] idempotency;

  /** A stream: the idempotency keys under the offsets of their events, so that they go with them. */
  final byte[] idempotencyOrder;

  /** A set: the incarnations of the nodes that have a lease, and of some that had one. */
  final byte[] presentNodes;

  /** Where growth is told. */
  final String channel;

  private final String prefix;

  Keys(String prefix) {
    this.prefix = "{" + prefix + "}:";
    meta = key("meta");
    log = key("log");
    epochs = key("epochs");
    gaps = key("gaps");
    idempotency = key("idempotency");
    idempotencyOrder = key("idempotency-order");
    presentNodes = key("presence:nodes");
    channel = this.prefix + "grown";
  }

  /** A string: the last answer that a node got to an append. */
  byte[] answer(String node) {
    return key("answer:" + node);
  }

  /** A hash that ends with the lease of a node: its name, and what it has published. */
  byte[] presenceLease(String incarnation) {
    return key("presence:lease:" + incarnation);
  }

  /** A hash: the open streams of a node as JSON. */
  byte[] presenceStreams(String incarnation) {
    return key("presence:streams:" + incarnation);
  }

  /** A stream: what has changed in the last minutes, under {@code version-0}. */
  byte[] presenceChanges(String incarnation) {
    return key("presence:changes:" + incarnation);
  }

  private byte[] key(String name) {
    return (prefix + name).getBytes(UTF_8);
  }

  /** For messages: what all names begin with. */
  String prefix() {
    return prefix;
  }
}
