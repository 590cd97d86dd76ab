package io.samband.presence;

/** The server through which the nodes tell each other of their streams does not answer, or refuses. It may work later. */
public final class PresenceUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public PresenceUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
