#include "etcd.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// RFC 9113 §6: the frames that a client has to know, and the flags that matter here.
enum { DATA, HEADERS, RST_STREAM = 3, SETTINGS, PING_FRAME = 6, GOAWAY, WINDOW_UPDATE };
enum { END_STREAM = 1, ACK = 1, END_HEADERS = 4 };
enum { HEAD_SIZE = 9, FIRST_WINDOW = 65535, WINDOW = 1 << 30, PREFIX_SIZE = 5 };

// RFC 7541: fields of the static table, and where the dynamic one begins.
enum { METHOD_POST = 3, SCHEME_HTTP = 6, DYNAMIC = 62 };
static const struct field {
    int static_name; // 0: the name is spelled out
    const char *name, *value;
} fields[METHODS + 3] = {
    {4, NULL, "/etcdserverpb.KV/Put"}, // :path
    {4, NULL, "/etcdserverpb.KV/Range"},
    {1, NULL, "localhost"}, // :authority
    {31, NULL, "application/grpc"}, // content-type
    {0, "te", "trailers"},
};

static void add_frame(struct bytes *out, size_t size, int type, int flags, uint32_t stream) {
    uint8_t head[HEAD_SIZE] = {size >> 16, size >> 8, size, type, flags};
    stream = htonl(stream);
    memcpy(head + 5, &stream, sizeof stream);
    bytes_add(out, head, sizeof head);
}

static void add_number(struct bytes *out, uint32_t number) {
    number = htonl(number);
    bytes_add(out, &number, sizeof number);
}

static void add_setting(struct bytes *out, uint16_t name, uint32_t value) {
    name = htons(name);
    bytes_add(out, &name, sizeof name);
    add_number(out, value);
}

struct channel *channel_open(int poll_set, uint16_t port, unsigned slots) {
    enum { TABLE_SIZE = 1, PUSH = 2, STREAM_WINDOW = 4, SETTING_SIZE = 6 };
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    struct channel *channel = calloc(1, sizeof *channel);
    channel->connection = net_adopt(poll_set, net_connect(port));
    channel->next_stream = 1;
    channel->send_window = FIRST_WINDOW;
    channel->waiting = calloc(slots, sizeof *channel->waiting);
    struct bytes *out = &channel->connection->out;
    bytes_add(out, preface, sizeof preface - 1);
    add_frame(out, 3 * SETTING_SIZE, SETTINGS, 0, 0);
    add_setting(out, TABLE_SIZE, 0); // then its headers need no state to be skipped
    add_setting(out, PUSH, 0);
    add_setting(out, STREAM_WINDOW, WINDOW);
    add_frame(out, 4, WINDOW_UPDATE, 0, 0);
    add_number(out, WINDOW);
    return channel;
}

bool channel_has_room(const struct channel *channel, size_t body_size) {
    return channel->send_window >= (int64_t)(body_size + PREFIX_SIZE);
}

// A field costs one byte once the server knows it: the newest in its table is 62, then come older
// ones.
static size_t write_field(struct channel *channel, int which, uint8_t *to) {
    const struct field *field = &fields[which];
    if (channel->places[which]) {
        *to = 128 | (DYNAMIC + channel->indexed - channel->places[which]);
        return 1;
    }
    size_t size = 0;
    to[size++] = 64 | field->static_name;
    const char *const texts[] = {field->name, field->value};
    for (int i = 0; i < 2; i++) {
        if (!texts[i]) continue;
        size_t length = strlen(texts[i]);
        to[size++] = length;
        memcpy(to + size, texts[i], length);
        size += length;
    }
    channel->places[which] = ++channel->indexed;
    return size;
}

void channel_call(struct channel *channel, enum method method, uint32_t slot,
                  const struct bytes *body) {
    uint8_t headers[256] = {128 | METHOD_POST, 128 | SCHEME_HTTP};
    size_t size = 2;
    size += write_field(channel, method, headers + size);
    for (int which = METHODS; which < METHODS + 3; which++)
        size += write_field(channel, which, headers + size);

    uint32_t stream = channel->next_stream;
    struct call *call = &channel->calls[stream / 2 % CALLS_PER_CONNECTION];
    if (call->stream) {
        fputs("etcd: a call waits for longer than 4,096 others took\n", stderr);
        exit(1);
    }
    *call = (struct call){.stream = stream, .slot = slot};
    channel->next_stream += 2;

    struct bytes *out = &channel->connection->out;
    size_t count = bytes_count(body);
    add_frame(out, size, HEADERS, END_HEADERS, stream);
    bytes_add(out, headers, size);
    add_frame(out, count + PREFIX_SIZE, DATA, END_STREAM, stream);
    bytes_add(out, "", 1); // not compressed
    add_number(out, count);
    bytes_add(out, body->memory + body->start, count);
    channel->send_window -= count + PREFIX_SIZE;
}

static uint32_t number_at(const uint8_t *bytes) {
    uint32_t number;
    memcpy(&number, bytes, sizeof number);
    return ntohl(number);
}

// Gives back what was read of the connection's window long before it is used up.
static void count_data(struct channel *channel, size_t size) {
    channel->received += size;
    if (channel->received < WINDOW / 2) return;
    add_frame(&channel->connection->out, 4, WINDOW_UPDATE, 0, 0);
    add_number(&channel->connection->out, channel->received);
    channel->received = 0;
}

static void hear(struct channel *channel, const uint8_t *frame, size_t size,
                 void (*answered)(struct channel *, uint32_t, uint32_t)) {
    struct bytes *out = &channel->connection->out;
    int type = frame[3], flags = frame[4];
    uint32_t stream = number_at(frame + 5);
    struct call *call = &channel->calls[stream / 2 % CALLS_PER_CONNECTION];
    bool is_call = stream && call->stream == stream;
    switch (type) {
    case DATA:
        count_data(channel, size);
        if (is_call) call->answer_size += size;
        break;
    case SETTINGS:
        if (!(flags & ACK)) add_frame(out, 0, SETTINGS, ACK, 0);
        return;
    case PING_FRAME:
        if (flags & ACK) return;
        add_frame(out, size, PING_FRAME, ACK, 0);
        bytes_add(out, frame + HEAD_SIZE, size);
        return;
    case WINDOW_UPDATE:
        if (!stream) channel->send_window += number_at(frame + HEAD_SIZE);
        return;
    case GOAWAY: fputs("etcd: the server ends the connection\n", stderr); exit(1);
    case RST_STREAM:
        call->answer_size = 0;
        flags = END_STREAM;
        break;
    case HEADERS: break;
    default: return;
    }
    if (!is_call || !(flags & END_STREAM)) return;
    call->stream = 0;
    answered(channel, call->slot, call->answer_size);
}

void channel_receive(struct channel *channel,
                     void (*answered)(struct channel *, uint32_t, uint32_t)) {
    struct bytes *in = &channel->connection->in;
    while (bytes_count(in) >= HEAD_SIZE) {
        const uint8_t *frame = (const uint8_t *)in->memory + in->start;
        size_t size = (size_t)frame[0] << 16 | frame[1] << 8 | frame[2];
        if (bytes_count(in) < HEAD_SIZE + size) return;
        hear(channel, frame, size, answered);
        bytes_drop(in, HEAD_SIZE + size);
    }
}
