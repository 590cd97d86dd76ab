package com.example.sleepers;

import jakarta.ejb.Schedule;
import jakarta.ejb.Stateless;

/** A module whose twenty timers sleep: they occupy every thread that the container has for timers. */
@Stateless
public class Sleepers {
  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  @Schedule(hour = "*", minute = "*", second = "*", persistent = false)
  void sleepForAMinute() throws InterruptedException {
    Thread.sleep(60_000);
  }
}
