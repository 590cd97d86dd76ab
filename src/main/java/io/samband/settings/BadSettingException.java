package io.samband.settings;

/** A setting that stops the deployment. The message names the key, the value and what is allowed. */
public class BadSettingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BadSettingException(String key, String value, String allowed) {
    super("[SSE] setting " + key + " is \"" + value + "\"; allowed: " + allowed);
  }
}
