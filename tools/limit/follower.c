#include "limit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FOLLOWER_READ_SIZE = 1 << 20 };

static void send_all(int descriptor, struct bytes *out) {
    while (bytes_count(out)) {
        ssize_t count = write(descriptor, out->memory + out->start, bytes_count(out));
        if (count < 0) exit(0);
        bytes_drop(out, count);
    }
}

// A follower has one thing to do at a time, so it blocks: read all there is, store the batches in
// one go, answer once.
void follower_run(int listener, int number) {
    char name[16];
    snprintf(name, sizeof name, "follower%d", number);
    struct journal journal = journal_open(name);
    struct bytes in = {0}, entries = {0}, out = {0};
    int descriptor = net_accept(listener);
    for (;;) {
        char *room = bytes_reserve(&in, FOLLOWER_READ_SIZE);
        ssize_t count = read(descriptor, room, FOLLOWER_READ_SIZE);
        if (count <= 0) exit(0);
        in.end += count;
        uint64_t stored = 0;
        for (const struct frame *head; (head = frame_next(&in)); frame_drop(&in, head)) {
            if (head->kind == PING) {
                frame_add(&out, (struct frame){.kind = PONG, .number = head->number}, NULL);
            } else {
                bytes_add(&entries, head + 1, head->size);
                stored = head->number;
            }
        }
        if (stored) {
            journal_write(&journal, &entries);
            frame_add(&out, (struct frame){.kind = STORED, .number = stored}, NULL);
        }
        send_all(descriptor, &out);
    }
}
