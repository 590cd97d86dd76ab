package io.samband.testing;

import jakarta.ejb.Schedule;
import jakarta.ejb.Singleton;

/** The one class of the application that {@code RedeployIT} compares ours with. */
@Singleton
public class Clock {
  /** There for as long as the class is, so that a histogram shows it. */
  static final Clock LEFT = new Clock();

  /** What it prints each second. */
  public static final String TICK = "Clock: tick";

  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  void tick() {
    System.out.println(TICK);
  }
}
