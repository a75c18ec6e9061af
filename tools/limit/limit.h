// The limit: what a replicated, durable log costs when nothing is left but the system calls that
// it cannot do without. No elections, no terms, no recovery, no safety.
//
// One leader, some followers and one load generator, each a process of its own on loopback:
//
//   put   load -> leader: a frame with a value
//         leader, once per turn: all puts of the turn as one batch to every follower, and to its
//         own journal thread
//         follower: one write and one fdatasync per batch, then one acknowledgement
//         leader answers what a majority of the journals holds
//   get   leader, once per turn: one ping to as many followers as a majority needs besides itself
//         leader answers from its table what was asked before the round that all of them returned
#ifndef LIMIT_H
#define LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    FOLLOWERS_MAX = 6,
    CONNECTIONS_MAX = 256,
    OUTSTANDING_MAX = 1 << 16,
    READ_SIZE = 256 << 10,
    PAGE_SIZE = 4096,
};

enum workload { PUTS, GETS, MIXED, WORKLOADS };
extern const char *const workload_names[WORKLOADS];

struct options {
    enum workload workload;
    unsigned outstanding, connections, followers, value_size, keys, journal_mib;
    double seconds;
    const char *directory;
};
extern struct options options;

_Noreturn void fail(const char *what);

// bytes.c: a queue of bytes in one piece of memory. Readable from `start` to `end`.
struct bytes {
    char *memory;
    size_t start, end, room;
};
size_t bytes_count(const struct bytes *queue);
char *bytes_reserve(struct bytes *queue, size_t count);
void bytes_add(struct bytes *queue, const void *source, size_t count);
void bytes_drop(struct bytes *queue, size_t count);

enum kind { PUT = 1, GET, ANSWER, BATCH, STORED, PING, PONG };

// The head of every frame; `size` counts the bytes behind it.
struct __attribute__((packed)) frame {
    uint32_t size, kind;
    uint64_t number;
    uint32_t key;
};
void frame_add(struct bytes *queue, struct frame head, const void *body);
const struct frame *frame_next(const struct bytes *queue);
void frame_drop(struct bytes *queue, const struct frame *head);

// net.c: loopback sockets, and connections that a poll set watches.
struct connection {
    int descriptor;
    struct bytes in, out;
    bool is_dirty, is_blocked;
};
int net_listen(uint16_t *port);
int net_connect(uint16_t port);
int net_accept(int listener);
void net_watch(int poll_set, int descriptor, void *tag);
struct connection *net_adopt(int poll_set, int descriptor);
bool net_receive(struct connection *connection);
void net_send(int poll_set, struct connection *connection);

// measure.c: counts by exponent and the next six bits: exact below 64 ns, within 1.6 % above.
struct latencies {
    uint64_t buckets[64 * 64], count, sum, max;
};
void latencies_note(struct latencies *latencies, uint64_t ns);
double latencies_quantile_us(const struct latencies *latencies, double part);
uint64_t nanoseconds(clockid_t clock);
uint64_t processor_time(pid_t process);

// journal.c: a file full of zeros, written round and round as recycled segments would be.
struct journal {
    int descriptor;
    size_t position, size;
};
struct journal journal_open(const char *name);
void journal_write(struct journal *journal, struct bytes *entries);
int journal_thread_start(void);
void journal_thread_add(const struct bytes *entries, uint64_t last);
uint64_t journal_thread_durable(void);

_Noreturn void follower_run(int listener, int number);
_Noreturn void leader_run(int listener, const uint16_t *follower_ports);
bool load_run(uint16_t port, const pid_t *nodes);

#endif
