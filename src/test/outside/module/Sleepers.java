package com.example.sleepers;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.Resource;
import jakarta.ejb.Lock;
import jakarta.ejb.LockType;
import jakarta.ejb.ScheduleExpression;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.Timeout;
import jakarta.ejb.TimerConfig;
import jakarta.ejb.TimerService;

/** A module whose twenty timers sleep: they occupy every thread that the container has for timers. */
@Singleton
@Startup
@Lock(LockType.READ)
public class Sleepers {
  @Resource
  TimerService timers;

  @PostConstruct
  void start() {
    for (int i = 0; i < 20; i++) {
      timers.createCalendarTimer(
          new ScheduleExpression().hour("*").minute("*").second("*"), new TimerConfig(i, false));
    }
  }

  @Timeout
  void sleepForAMinute() throws InterruptedException {
    Thread.sleep(60_000);
  }
}
