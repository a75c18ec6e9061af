#include "etcd.h"

#include <stdio.h>

enum { KEY_FIELD = 1 << 3 | 2, VALUE_FIELD = 2 << 3 | 2 };

static void add_byte(struct bytes *body, unsigned byte) {
    char one = (char)byte;
    bytes_add(body, &one, 1);
}

static void add_field(struct bytes *body, unsigned tag, const void *content, size_t size) {
    add_byte(body, tag);
    size_t rest = size;
    for (; rest >= 128; rest >>= 7) add_byte(body, (rest & 127) | 128);
    add_byte(body, rest);
    bytes_add(body, content, size);
}

static void add_key(struct bytes *body, uint32_t key) {
    char text[16];
    add_field(body, KEY_FIELD, text, snprintf(text, sizeof text, "key-%08u", key));
}

void message_put(struct bytes *body, uint32_t key, const char *value, size_t value_size) {
    add_key(body, key);
    add_field(body, VALUE_FIELD, value, value_size);
}

// A range of one key is linearizable unless it says otherwise.
void message_range(struct bytes *body, uint32_t key) { add_key(body, key); }
