package io.samband.bench;

import java.nio.channels.SelectionKey;

/** What a selector tells that something can be done. */
interface Connection extends AutoCloseable {
  void ready(SelectionKey key);

  @Override
  void close();
}
