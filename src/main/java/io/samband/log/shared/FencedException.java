package io.samband.log.shared;

import io.samband.log.LogUnavailableException;

/** Another epoch has begun since this node opened the log, so what it appends is refused until it has opened it again. */
public final class FencedException extends LogUnavailableException {
  private static final long serialVersionUID = 1L;

  public FencedException(String message) {
    super(message);
  }
}
