// What Swift cannot see by itself: the CRC32C instruction, epoll's packed struct, and sockets'
// macros and unions. Calls that can fail return a negative errno; none keeps a pointer.
#ifndef LOCKSTEP_CSYSTEM_H
#define LOCKSTEP_CSYSTEM_H

#include <stdint.h>
#include <stddef.h>

/// Whether this processor has a CRC32C instruction.
int lockstep_crc32c_available(void);

/// Continues a CRC32C (Castagnoli, RFC 3720 B.4) with `count` more bytes.
/// `crc` is the raw register: start with 0xFFFFFFFF and invert the end result.
/// Call it only where `lockstep_crc32c_available` says so.
uint32_t lockstep_crc32c(uint32_t crc, const void *bytes, size_t count);

// Waiting

#define LOCKSTEP_READABLE 0x001u
#define LOCKSTEP_WRITABLE 0x004u
#define LOCKSTEP_ERROR 0x008u
#define LOCKSTEP_HANGUP 0x010u

/// The most events that one wait reports.
#define LOCKSTEP_EVENTS_MAX 1024

/// `struct epoll_event` without packing and unions.
struct lockstep_event {
  uint32_t events;
  int32_t descriptor;
};

int lockstep_epoll_create(void);
int lockstep_epoll_add(int epoll, int descriptor, uint32_t events);
int lockstep_epoll_change(int epoll, int descriptor, uint32_t events);
int lockstep_epoll_remove(int epoll, int descriptor);

/// Waits at most `milliseconds` (-1: for ever) and fills `events`; returns how many.
int lockstep_epoll_wait(int epoll, struct lockstep_event *events, int max, int milliseconds);

int lockstep_eventfd_create(void);
int lockstep_eventfd_notify(int descriptor);
int lockstep_eventfd_drain(int descriptor);

// Sockets

/// An IPv4 or IPv6 address with its port, as the kernel wants it.
struct lockstep_address {
  uint32_t words[7];
  uint32_t length;
};

/// Reads a numeric host; 0, or -EINVAL if it is a name.
int lockstep_address_numeric(const char *host, uint16_t port, struct lockstep_address *address);

/// Asks the resolver for a name (this blocks); 0, or a code for the next call.
int lockstep_address_resolve(const char *host, uint16_t port, struct lockstep_address *address);

/// The resolver's sentence for a code of `lockstep_address_resolve`.
const char *lockstep_address_problem(int code);

/// Writes the numeric host into `text` (at least 46 bytes) and returns the port.
int lockstep_address_text(const struct lockstep_address *address, char *text, size_t size);

/// A non-blocking listening socket.
int lockstep_socket_listen(const struct lockstep_address *address, int backlog);

/// A non-blocking connection from the queue; `peer` is who asked.
int lockstep_socket_accept(int listener, struct lockstep_address *peer);

/// A non-blocking socket on its way to `address`.
int lockstep_socket_connect(const struct lockstep_address *address);

/// What became of a connection attempt: 0, or a negative errno. A socket that met itself
/// (TCP's simultaneous open on one port) counts as refused.
int lockstep_socket_connected(int descriptor);

/// The error waiting on a socket as a negative errno, or 0.
int lockstep_socket_error(int descriptor);

int lockstep_socket_local(int descriptor, struct lockstep_address *address);
/// Ends the connection when sent bytes stay unacknowledged, or unsent ones unwanted, that long.
int lockstep_socket_silence(int descriptor, unsigned milliseconds);

int lockstep_socket_finish_writing(int descriptor);
long lockstep_socket_receive(int descriptor, void *bytes, size_t count);
long lockstep_socket_send(int descriptor, const void *bytes, size_t count);
void lockstep_close(int descriptor);

// Threads

/// Names the calling thread; the kernel keeps 15 bytes.
void lockstep_thread_name(const char *name);

// Memory

/// Gives the system back what was freed, wherever it lies; it takes as long as the pages are many.
void lockstep_memory_release(void);

// Processes

/// Starts a program in a process group of its own, and returns its process id. However this
/// process ends, the kernel then kills the child.
///
/// Both lists end with a null pointer; the first argument is the program's path, and without an
/// environment it has this process's.
int lockstep_spawn(char *const arguments[], char *const environment[], int output, int errors);

#endif
