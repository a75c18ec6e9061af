/* Makes sectors of files unreadable for one process, as a disk does that has lost them.
 *
 * To be preloaded. LOCKSTEP_UNREADABLE names a file of lines "INODE OFFSET SIZE"; reads that
 * touch such a place fail with EIO, and a write over all of it makes it readable again, as on a disk
 * that has sectors in reserve. The file may change at any time; its first line counts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static int touches(int descriptor, off_t offset, size_t count, int is_write) {
  const char *list = getenv("LOCKSTEP_UNREADABLE");
  FILE *file = list ? fopen(list, "r+") : NULL;
  if (!file) return 0;
  struct stat status;
  long long inode, start, size;
  int found = fscanf(file, "%lld %lld %lld", &inode, &start, &size) == 3 &&
              fstat(descriptor, &status) == 0 && (long long)status.st_ino == inode &&
              offset < start + size && start < offset + (off_t)count;
  if (found && is_write && offset <= start && start + size <= offset + (off_t)count &&
      ftruncate(fileno(file), 0) == 0)
    found = 0;
  fclose(file);
  return found;
}

ssize_t pread64(int descriptor, void *buffer, size_t count, off64_t offset) {
  static ssize_t (*next)(int, void *, size_t, off64_t);
  if (!next) next = (ssize_t(*)(int, void *, size_t, off64_t))dlsym(RTLD_NEXT, "pread64");
  if (touches(descriptor, offset, count, 0)) {
    errno = EIO;
    return -1;
  }
  return next(descriptor, buffer, count, offset);
}

ssize_t pread(int descriptor, void *buffer, size_t count, off_t offset) {
  return pread64(descriptor, buffer, count, offset);
}

ssize_t pwrite64(int descriptor, const void *buffer, size_t count, off64_t offset) {
  static ssize_t (*next)(int, const void *, size_t, off64_t);
  if (!next) next = (ssize_t(*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
  touches(descriptor, offset, count, 1);
  return next(descriptor, buffer, count, offset);
}

ssize_t pwrite(int descriptor, const void *buffer, size_t count, off_t offset) {
  return pwrite64(descriptor, buffer, count, offset);
}
