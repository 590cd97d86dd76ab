/* Preloaded into a server by HangingDiskIT: writing below $HANG_BELOW waits while the file $HANG_WHILE exists. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void wait_if_told(int fd) {
  const char *below = getenv("HANG_BELOW");
  const char *while_there = getenv("HANG_WHILE");
  char link[64];
  char path[PATH_MAX];
  if (below == NULL || while_there == NULL || access(while_there, F_OK) != 0) {
    return;
  }
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) {
    return;
  }
  path[length] = 0;
  if (strncmp(path, below, strlen(below)) == 0) {
    while (access(while_there, F_OK) == 0) {
      usleep(20000);
    }
  }
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
  wait_if_told(fd);
  ssize_t (*original)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite");
  return original(fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
  wait_if_told(fd);
  ssize_t (*original)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
  return original(fd, bytes, count, at);
}

int fsync(int fd) {
  wait_if_told(fd);
  int (*original)(int) = dlsym(RTLD_NEXT, "fsync");
  return original(fd);
}

int fdatasync(int fd) {
  wait_if_told(fd);
  int (*original)(int) = dlsym(RTLD_NEXT, "fdatasync");
  return original(fd);
}
