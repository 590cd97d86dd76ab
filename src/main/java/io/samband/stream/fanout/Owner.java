package io.samband.stream.fanout;

import java.util.Optional;

/**
 * Whose stream it is, and until when.
 *
 * @param user null for nobody in particular
 * @param sessionId the container's session that the user was read from, or null
 * @param endNanos of {@link System#nanoTime}: when the identity expires; null if it does not
 * @param renewalNanos of {@link System#nanoTime}: from when on a client may open a stream with a new identity before it closes this
 *     one; null if the identity does not expire
 */
public record Owner(String user, String sessionId, Long endNanos, Long renewalNanos) {
  /** Nobody in particular, for ever. */
  public static final Owner NOBODY = new Owner(null, null, null, null);

  Optional<String> userIfNamed() {
    return Optional.ofNullable(user);
  }

  boolean ends() {
    return endNanos != null;
  }

  boolean hasEnded(long nowNanos) {
    return endNanos != null && nowNanos - endNanos >= 0;
  }

  boolean mayBeRenewed(long nowNanos) {
    return renewalNanos != null && nowNanos - renewalNanos >= 0;
  }
}
