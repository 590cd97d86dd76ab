package io.samband.log;

/** The log cannot be opened, and waiting would not help. Stops the deployment; says what to do. */
public class LogOpenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public LogOpenException(String message) {
    super(message);
  }

  public LogOpenException(String message, Throwable cause) {
    super(message, cause);
  }
}
