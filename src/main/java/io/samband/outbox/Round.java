package io.samband.outbox;

/**
 * What one round of the relay did.
 *
 * @param moved how many rows are in the log now, and no longer in the table
 * @param next what comes next
 * @param problem why rows stayed, or null
 */
record Round(int moved, Next next, String problem) {
  enum Next {
    /** Nothing is left that was visible. */
    WAIT,
    /** There is more than one round takes. */
    GO_ON,
    /** The relay of another node is at work, and may have begun before the newest rows were visible. */
    LOOK_AGAIN,
    /** The log does not take events now. */
    BACK_OFF
  }

  static final Round BUSY = new Round(0, Next.LOOK_AGAIN, null);
  static final Round EMPTY = new Round(0, Next.WAIT, null);

  static Round refused(String problem) {
    return new Round(0, Next.BACK_OFF, problem);
  }
}
