package io.samband.log;

/** Another process, or a deployment that is just ending, has the log open. */
public class LogInUseException extends LogOpenException {
  private static final long serialVersionUID = 1L;

  public LogInUseException(String message, Throwable cause) {
    super(message, cause);
  }
}
