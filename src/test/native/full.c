/*
 * Preloaded into a database by FullDisk: while the file $FULL_WHILE exists, writes that would make a file below $FULL_BELOW
 * longer fail as on a full disk. What is there can be overwritten, as on a real one.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int is_below(int fd) {
  const char *below = getenv("FULL_BELOW");
  const char *while_there = getenv("FULL_WHILE");
  char link[64];
  char path[PATH_MAX];
  if (below == NULL || while_there == NULL || access(while_there, F_OK) != 0) {
    return 0;
  }
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) {
    return 0;
  }
  path[length] = 0;
  return strncmp(path, below, strlen(below)) == 0;
}

static int refuses(int fd, off64_t end) {
  int before = errno;
  struct stat64 file;
  int refused = is_below(fd) && fstat64(fd, &file) == 0 && S_ISREG(file.st_mode) && end > file.st_size;
  errno = refused ? ENOSPC : before;
  return refused;
}

/* Where the next write() goes. */
static off64_t position(int fd) {
  struct stat64 file;
  int flags = fcntl(fd, F_GETFL);
  if (flags >= 0 && (flags & O_APPEND) != 0 && fstat64(fd, &file) == 0) {
    return file.st_size;
  }
  off64_t at = lseek64(fd, 0, SEEK_CUR);
  return at < 0 ? 0 : at;
}

static off64_t total(const struct iovec *parts, int count) {
  off64_t bytes = 0;
  for (int i = 0; i < count; i++) {
    bytes += parts[i].iov_len;
  }
  return bytes;
}

ssize_t write(int fd, const void *bytes, size_t count) {
  int before = errno;
  if (refuses(fd, position(fd) + count)) {
    return -1;
  }
  errno = before;
  ssize_t (*original)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
  return original(fd, bytes, count);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  int before = errno;
  if (refuses(fd, position(fd) + total(parts, count))) {
    return -1;
  }
  errno = before;
  ssize_t (*original)(int, const struct iovec *, int) = dlsym(RTLD_NEXT, "writev");
  return original(fd, parts, count);
}

#define AT(name, type)                                                                   \
  ssize_t name(int fd, const void *bytes, size_t count, type at) {                       \
    if (refuses(fd, at + count)) {                                                       \
      return -1;                                                                         \
    }                                                                                    \
    ssize_t (*original)(int, const void *, size_t, type) = dlsym(RTLD_NEXT, #name);      \
    return original(fd, bytes, count, at);                                               \
  }
AT(pwrite, off_t)
AT(pwrite64, off64_t)

#define PARTS_AT(name, type)                                                             \
  ssize_t name(int fd, const struct iovec *parts, int count, type at) {                  \
    if (refuses(fd, at + total(parts, count))) {                                         \
      return -1;                                                                         \
    }                                                                                    \
    ssize_t (*original)(int, const struct iovec *, int, type) = dlsym(RTLD_NEXT, #name); \
    return original(fd, parts, count, at);                                               \
  }
PARTS_AT(pwritev, off_t)
PARTS_AT(pwritev64, off64_t)

/* These return the error instead of setting errno. */
#define ALLOCATE(name, type)                                                             \
  int name(int fd, type at, type count) {                                                \
    if (refuses(fd, at + count)) {                                                       \
      return ENOSPC;                                                                     \
    }                                                                                    \
    int (*original)(int, type, type) = dlsym(RTLD_NEXT, #name);                          \
    return original(fd, at, count);                                                      \
  }
ALLOCATE(posix_fallocate, off_t)
ALLOCATE(posix_fallocate64, off64_t)
