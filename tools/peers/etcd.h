// A load generator for etcd: gRPC's frames over plain HTTP/2, written by hand so that the generator
// takes little of the machine that the servers share with it.
//
// A request is one HEADERS and one DATA frame; an answer is HEADERS, DATA and, as trailers, HEADERS
// that end the stream. An answer that failed has no DATA.
#ifndef ETCD_H
#define ETCD_H

#include "../limit/limit.h"

enum { VALUE_MAX = 32 << 10, CALLS_PER_CONNECTION = 1 << 12 };

enum method { PUT_METHOD, RANGE_METHOD, METHODS };

// A stream that waits for its end.
struct call {
    uint32_t stream, slot;
    uint32_t answer_size;
};

struct channel {
    struct connection *connection;
    uint32_t next_stream;
    int64_t send_window;
    uint64_t received;
    int indexed;                    // header fields in the server's table
    int places[METHODS + 3];        // which of them came when, counted from 1
    struct call calls[CALLS_PER_CONNECTION];
    uint32_t *waiting;              // slots that the window holds back
    unsigned waiting_first, waiting_count;
};

// channel.c
struct channel *channel_open(int poll_set, uint16_t port, unsigned slots);
bool channel_has_room(const struct channel *channel, size_t body_size);
void channel_call(struct channel *channel, enum method method, uint32_t slot,
                  const struct bytes *body);
// Handles the frames that have arrived; `answered` hears of each call that ended.
void channel_receive(struct channel *channel,
                     void (*answered)(struct channel *, uint32_t slot, uint32_t answer_size));

// message.c: the two messages, as Protocol Buffers.
void message_put(struct bytes *body, uint32_t key, const char *value, size_t value_size);
void message_range(struct bytes *body, uint32_t key);

#endif
