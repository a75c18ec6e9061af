#include "limit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

// A request that waits for its majority.
struct waiting {
    struct connection *from;
    uint64_t number;
    uint32_t key;
};

// First come, first served: `taken` counts those that came, `served` those answered.
struct line {
    struct waiting *ring;
    uint64_t taken, served;
};

static struct {
    int poll_set;
    struct connection *followers[FOLLOWERS_MAX];
    uint64_t stored[FOLLOWERS_MAX], confirmed[FOLLOWERS_MAX], durable;
    struct line puts, gets;
    uint64_t pinged;
    struct bytes batch;
    struct connection *dirty[CONNECTIONS_MAX];
    int dirty_count;
} leader;

// ------------------------------------------------------------------ values

// An open-addressed table; `key_plus_one` is 0 in a free slot.
struct slot {
    uint32_t key_plus_one;
    char value[];
};
static struct {
    char *memory;
    size_t slot_size, mask;
} table;

static struct slot *find(uint32_t key) {
    for (size_t at = (key * 2654435761u) & table.mask;; at = (at + 1) & table.mask) {
        struct slot *slot = (void *)(table.memory + at * table.slot_size);
        if (!slot->key_plus_one || slot->key_plus_one == key + 1) return slot;
    }
}

static void set(uint32_t key, const void *value) {
    struct slot *slot = find(key);
    slot->key_plus_one = key + 1;
    memcpy(slot->value, value, options.value_size);
}

static void fill_table(void) {
    size_t slots = 2;
    while (slots < 2 * (size_t)options.keys) slots *= 2;
    table.mask = slots - 1;
    table.slot_size = (sizeof(struct slot) + options.value_size + 7) & ~(size_t)7;
    table.memory = calloc(slots, table.slot_size);
    char *zeros = calloc(1, options.value_size + 1);
    if (!table.memory || !zeros) fail("calloc");
    for (uint32_t key = 0; key < options.keys; key++) set(key, zeros);
    free(zeros);
}

// ------------------------------------------------------------------ frames

static void line_up(struct line *line, struct connection *from, const struct frame *head) {
    line->ring[line->taken++ % OUTSTANDING_MAX] = (struct waiting){from, head->number, head->key};
}

static void hear_follower(const struct connection *from, const struct frame *head) {
    for (unsigned i = 0; i < options.followers; i++) {
        if (from != leader.followers[i]) continue;
        *(head->kind == STORED ? &leader.stored[i] : &leader.confirmed[i]) = head->number;
    }
}

static void hear(struct connection *from) {
    struct bytes *in = &from->in;
    for (const struct frame *head; (head = frame_next(in)); frame_drop(in, head)) switch (head->kind) {
        case PUT:
            line_up(&leader.puts, from, head);
            bytes_add(&leader.batch, head, sizeof *head + head->size);
            set(head->key, head + 1); // a real server applies it once it is committed
            break;
        case GET: line_up(&leader.gets, from, head); break;
        default: hear_follower(from, head);
        }
}

// ------------------------------------------------------------- once a turn

// Followers first: they work while our own journal does.
static void replicate(void) {
    struct bytes *batch = &leader.batch;
    struct frame head = {bytes_count(batch), BATCH, leader.puts.taken, 0};
    if (!head.size) return;
    for (unsigned i = 0; i < options.followers; i++) {
        frame_add(&leader.followers[i]->out, head, batch->memory + batch->start);
        net_send(leader.poll_set, leader.followers[i]);
    }
    journal_thread_add(batch, leader.puts.taken);
    bytes_drop(batch, head.size);
}

// One round for all reads of the turn, to just enough followers.
static void confirm(void) {
    if (leader.gets.taken == leader.pinged) return;
    leader.pinged = leader.gets.taken;
    for (unsigned i = 0; i < options.followers / 2; i++) {
        struct frame head = {.kind = PING, .number = leader.pinged};
        frame_add(&leader.followers[i]->out, head, NULL);
        net_send(leader.poll_set, leader.followers[i]);
    }
}

// The newest put that a majority of the journals holds.
static uint64_t committed(void) {
    uint64_t held[FOLLOWERS_MAX + 1] = {leader.durable};
    for (unsigned i = 0; i < options.followers; i++) { // sorted in, newest first
        unsigned at = i + 1;
        for (; at > 0 && held[at - 1] < leader.stored[i]; at--) held[at] = held[at - 1];
        held[at] = leader.stored[i];
    }
    return held[options.followers / 2];
}

// The newest get whose round has come back from every follower that was asked.
static uint64_t confirmed(void) {
    uint64_t newest = leader.pinged;
    for (unsigned i = 0; i < options.followers / 2; i++)
        if (leader.confirmed[i] < newest) newest = leader.confirmed[i];
    return newest;
}

static void answer(struct line *line, uint64_t through, bool has_value) {
    for (; line->served < through; line->served++) {
        struct waiting *next = &line->ring[line->served % OUTSTANDING_MAX];
        uint32_t size = has_value ? options.value_size : 0;
        struct frame head = {size, ANSWER, next->number, next->key};
        frame_add(&next->from->out, head, has_value ? find(next->key)->value : NULL);
        if (next->from->is_dirty) continue;
        next->from->is_dirty = true;
        leader.dirty[leader.dirty_count++] = next->from;
    }
}

static void turn(int listener, const int *wake_up) {
    struct epoll_event events[128];
    int count = epoll_wait(leader.poll_set, events, 128, -1);
    for (int i = 0; i < count; i++) {
        void *tag = events[i].data.ptr;
        if (tag == wake_up) {
            uint64_t durable = journal_thread_durable();
            if (durable) leader.durable = durable;
        } else if (!tag) {
            net_adopt(leader.poll_set, net_accept(listener));
        } else {
            if (events[i].events & EPOLLOUT) net_send(leader.poll_set, tag);
            if (!(events[i].events & (EPOLLIN | EPOLLHUP))) continue;
            if (!net_receive(tag)) exit(0);
            hear(tag);
        }
    }
    replicate();
    confirm();
    answer(&leader.puts, committed(), false);
    answer(&leader.gets, confirmed(), true);
    for (int i = 0; i < leader.dirty_count; i++) net_send(leader.poll_set, leader.dirty[i]);
    leader.dirty_count = 0;
}

void leader_run(int listener, const uint16_t *follower_ports) {
    fill_table();
    leader.poll_set = epoll_create1(0);
    leader.puts.ring = calloc(OUTSTANDING_MAX, sizeof *leader.puts.ring);
    leader.gets.ring = calloc(OUTSTANDING_MAX, sizeof *leader.gets.ring);
    int wake_up = journal_thread_start();
    for (unsigned i = 0; i < options.followers; i++)
        leader.followers[i] = net_adopt(leader.poll_set, net_connect(follower_ports[i]));
    net_watch(leader.poll_set, wake_up, &wake_up);
    net_watch(leader.poll_set, listener, NULL);
    for (;;) turn(listener, &wake_up);
}
