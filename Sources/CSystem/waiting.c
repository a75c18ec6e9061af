#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

_Static_assert(LOCKSTEP_READABLE == EPOLLIN, "readable");
_Static_assert(LOCKSTEP_WRITABLE == EPOLLOUT, "writable");
_Static_assert(LOCKSTEP_ERROR == EPOLLERR, "error");
_Static_assert(LOCKSTEP_HANGUP == EPOLLHUP, "hang-up");

int lockstep_epoll_create(void) {
  int descriptor = epoll_create1(EPOLL_CLOEXEC);
  return descriptor < 0 ? -errno : descriptor;
}

static int control(int epoll, int operation, int descriptor, uint32_t events) {
  struct epoll_event event;
  memset(&event, 0, sizeof event);
  event.events = events;
  event.data.fd = descriptor;
  return epoll_ctl(epoll, operation, descriptor, &event) < 0 ? -errno : 0;
}

int lockstep_epoll_add(int epoll, int descriptor, uint32_t events) {
  return control(epoll, EPOLL_CTL_ADD, descriptor, events);
}

int lockstep_epoll_change(int epoll, int descriptor, uint32_t events) {
  return control(epoll, EPOLL_CTL_MOD, descriptor, events);
}

int lockstep_epoll_remove(int epoll, int descriptor) {
  return control(epoll, EPOLL_CTL_DEL, descriptor, 0);
}

int lockstep_epoll_wait(int epoll, struct lockstep_event *events, int max, int milliseconds) {
  struct epoll_event ready[LOCKSTEP_EVENTS_MAX];
  if (max > LOCKSTEP_EVENTS_MAX) max = LOCKSTEP_EVENTS_MAX;
  int count = epoll_wait(epoll, ready, max, milliseconds);
  if (count < 0) return errno == EINTR ? 0 : -errno;
  for (int i = 0; i < count; i++) {
    events[i].events = ready[i].events;
    events[i].descriptor = ready[i].data.fd;
  }
  return count;
}

int lockstep_eventfd_create(void) {
  int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return descriptor < 0 ? -errno : descriptor;
}

int lockstep_eventfd_notify(int descriptor) {
  uint64_t one = 1;
  return write(descriptor, &one, sizeof one) < 0 ? -errno : 0;
}

int lockstep_eventfd_drain(int descriptor) {
  uint64_t count;
  return read(descriptor, &count, sizeof count) < 0 ? -errno : 0;
}

void lockstep_thread_name(const char *name) {
  char kept[16];
  strncpy(kept, name, sizeof kept - 1);
  kept[sizeof kept - 1] = 0;
  pthread_setname_np(pthread_self(), kept);
}

void lockstep_memory_release(void) { malloc_trim(0); }
