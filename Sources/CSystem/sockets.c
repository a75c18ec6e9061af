#define _GNU_SOURCE
#include "CSystem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

_Static_assert(sizeof(struct sockaddr_in6) <= sizeof(((struct lockstep_address *)0)->words),
               "every address fits");

static void keep(struct lockstep_address *address, const void *raw, size_t length) {
  memset(address, 0, sizeof *address);
  memcpy(address->words, raw, length);
  address->length = (uint32_t)length;
}

int lockstep_address_numeric(const char *host, uint16_t port, struct lockstep_address *address) {
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (inet_pton(AF_INET, host, &four.sin_addr) == 1) {
    keep(address, &four, sizeof four);
    return 0;
  }
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  if (inet_pton(AF_INET6, host, &six.sin6_addr) == 1) {
    keep(address, &six, sizeof six);
    return 0;
  }
  return -EINVAL;
}

int lockstep_address_resolve(const char *host, uint16_t port, struct lockstep_address *address) {
  char service[8];
  snprintf(service, sizeof service, "%u", (unsigned)port);
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
  struct addrinfo *found = NULL;
  int code = getaddrinfo(host, service, &hints, &found);
  if (code != 0) return code;
  int result = EAI_NONAME;
  for (struct addrinfo *each = found; each != NULL; each = each->ai_next) {
    if (each->ai_family != AF_INET && each->ai_family != AF_INET6) continue;
    keep(address, each->ai_addr, each->ai_addrlen);
    result = 0;
    break;
  }
  freeaddrinfo(found);
  return result;
}

const char *lockstep_address_problem(int code) { return gai_strerror(code); }

int lockstep_address_text(const struct lockstep_address *address, char *text, size_t size) {
  const struct sockaddr *any = (const struct sockaddr *)address->words;
  text[0] = 0;
  if (any->sa_family == AF_INET) {
    const struct sockaddr_in *four = (const struct sockaddr_in *)any;
    inet_ntop(AF_INET, &four->sin_addr, text, (socklen_t)size);
    return ntohs(four->sin_port);
  }
  const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)any;
  inet_ntop(AF_INET6, &six->sin6_addr, text, (socklen_t)size);
  return ntohs(six->sin6_port);
}

static int set(int descriptor, int level, int name, int value) {
  return setsockopt(descriptor, level, name, &value, sizeof value) < 0 ? -errno : 0;
}

static int family(const struct lockstep_address *address) {
  return ((const struct sockaddr *)address->words)->sa_family;
}

/// Small messages leave at once; a peer that vanished without a word is noticed within a minute.
static void tune(int descriptor) {
  set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(descriptor, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

int lockstep_socket_listen(const struct lockstep_address *address, int backlog) {
  int descriptor = socket(family(address), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
  if (bind(descriptor, (const struct sockaddr *)address->words, address->length) < 0 ||
      listen(descriptor, backlog) < 0) {
    int problem = errno;
    close(descriptor);
    return -problem;
  }
  return descriptor;
}

int lockstep_socket_accept(int listener, struct lockstep_address *peer) {
  struct sockaddr_in6 raw;
  socklen_t length = sizeof raw;
  int descriptor =
      accept4(listener, (struct sockaddr *)&raw, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor < 0) return -errno;
  keep(peer, &raw, length < sizeof raw ? length : sizeof raw);
  tune(descriptor);
  return descriptor;
}

int lockstep_socket_connect(const struct lockstep_address *address) {
  int descriptor = socket(family(address), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  tune(descriptor);
  if (connect(descriptor, (const struct sockaddr *)address->words, address->length) < 0 &&
      errno != EINPROGRESS && errno != EINTR) {
    int problem = errno;
    close(descriptor);
    return -problem;
  }
  return descriptor;
}

int lockstep_socket_error(int descriptor) {
  int problem = 0;
  socklen_t length = sizeof problem;
  if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &length) < 0) return -errno;
  return -problem;
}

int lockstep_socket_connected(int descriptor) {
  int problem = lockstep_socket_error(descriptor);
  if (problem != 0) return problem;
  struct sockaddr_in6 ours, theirs;
  socklen_t our_length = sizeof ours, their_length = sizeof theirs;
  memset(&ours, 0, sizeof ours);
  memset(&theirs, 0, sizeof theirs);
  if (getsockname(descriptor, (struct sockaddr *)&ours, &our_length) < 0) return -errno;
  if (getpeername(descriptor, (struct sockaddr *)&theirs, &their_length) < 0) return -errno;
  if (our_length == their_length && memcmp(&ours, &theirs, our_length) == 0) return -ECONNREFUSED;
  return 0;
}

int lockstep_socket_local(int descriptor, struct lockstep_address *address) {
  struct sockaddr_in6 raw;
  socklen_t length = sizeof raw;
  if (getsockname(descriptor, (struct sockaddr *)&raw, &length) < 0) return -errno;
  keep(address, &raw, length < sizeof raw ? length : sizeof raw);
  return 0;
}

int lockstep_socket_silence(int descriptor, unsigned milliseconds) {
  return set(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, (int)milliseconds);
}

int lockstep_socket_finish_writing(int descriptor) {
  return shutdown(descriptor, SHUT_WR) < 0 ? -errno : 0;
}

long lockstep_socket_receive(int descriptor, void *bytes, size_t count) {
  ssize_t result = recv(descriptor, bytes, count, 0);
  return result < 0 ? -errno : result;
}

long lockstep_socket_send(int descriptor, const void *bytes, size_t count) {
  ssize_t result = send(descriptor, bytes, count, MSG_NOSIGNAL);
  return result < 0 ? -errno : result;
}

void lockstep_close(int descriptor) { close(descriptor); }
