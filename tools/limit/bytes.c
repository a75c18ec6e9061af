#include "limit.h"

#include <stdlib.h>
#include <string.h>

size_t bytes_count(const struct bytes *queue) { return queue->end - queue->start; }

// Makes room for `count` more bytes and returns where they go.
char *bytes_reserve(struct bytes *queue, size_t count) {
    size_t used = bytes_count(queue);
    if (queue->end + count > queue->room) {
        if (used + count > queue->room) {
            size_t room = queue->room ? queue->room : READ_SIZE;
            while (room < used + count) room *= 2;
            char *memory = malloc(room);
            if (!memory) fail("malloc");
            if (used) memcpy(memory, queue->memory + queue->start, used);
            free(queue->memory);
            queue->memory = memory;
            queue->room = room;
        } else {
            memmove(queue->memory, queue->memory + queue->start, used);
        }
        queue->start = 0;
        queue->end = used;
    }
    return queue->memory + queue->end;
}

void bytes_add(struct bytes *queue, const void *source, size_t count) {
    memcpy(bytes_reserve(queue, count), source, count);
    queue->end += count;
}

void bytes_drop(struct bytes *queue, size_t count) {
    queue->start += count;
    if (queue->start == queue->end) queue->start = queue->end = 0;
}

void frame_add(struct bytes *queue, struct frame head, const void *body) {
    bytes_add(queue, &head, sizeof head);
    if (head.size) bytes_add(queue, body, head.size);
}

// The first frame if it is there to its last byte, else NULL.
const struct frame *frame_next(const struct bytes *queue) {
    size_t count = bytes_count(queue);
    const struct frame *head = (const void *)(queue->memory + queue->start);
    if (count < sizeof *head || count - sizeof *head < head->size) return NULL;
    return head;
}

void frame_drop(struct bytes *queue, const struct frame *head) {
    bytes_drop(queue, sizeof *head + head->size);
}
