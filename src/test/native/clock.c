/* Preloaded into a server by WrongClock: the time of day is wrong by $CLOCK_AHEAD_SECONDS; time that only passes is not. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static long ahead(void) {
  const char *seconds = getenv("CLOCK_AHEAD_SECONDS");
  return seconds == NULL ? 0 : atol(seconds);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int (*original)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
  int result = original(clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    now->tv_sec += ahead();
  }
  return result;
}

int gettimeofday(struct timeval *now, void *zone) {
  int (*original)(struct timeval *, void *) = dlsym(RTLD_NEXT, "gettimeofday");
  int result = original(now, zone);
  if (result == 0) {
    now->tv_sec += ahead();
  }
  return result;
}

time_t time(time_t *at) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at != NULL) {
    *at = now.tv_sec;
  }
  return now.tv_sec;
}
