#include "limit.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

// Writes the zeros first, so that no later sync has a size or an extent to change.
struct journal journal_open(const char *name) {
    enum { PIECE = 1 << 20 };
    char path[4096];
    snprintf(path, sizeof path, "%s/lockstep-limit-%d-%s", options.directory, getpid(), name);
    int descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) fail(path);
    unlink(path);
    char *zeros = calloc(1, PIECE);
    size_t size = (size_t)options.journal_mib * PIECE;
    for (size_t position = 0; position < size; position += PIECE)
        if (pwrite(descriptor, zeros, PIECE, position) != PIECE) fail("filling the journal");
    if (fsync(descriptor)) fail("fsync");
    free(zeros);
    return (struct journal){.descriptor = descriptor, .size = size};
}

// Makes the entries durable with one write and one sync, and empties the queue.
void journal_write(struct journal *journal, struct bytes *entries) {
    size_t count = bytes_count(entries);
    if (journal->position + count > journal->size) journal->position = 0;
    const char *source = entries->memory + entries->start;
    if (pwrite(journal->descriptor, source, count, journal->position) != (ssize_t)count)
        fail("writing the journal");
    if (fdatasync(journal->descriptor)) fail("fdatasync");
    journal->position += count;
    bytes_drop(entries, count);
}

// The leader's journal has a thread: while it syncs one batch, the loop collects the next.
static struct {
    pthread_mutex_t lock;
    pthread_cond_t has_work;
    struct bytes waiting;
    uint64_t last_waiting;
    _Atomic uint64_t durable;
    int wake_up;
    struct journal journal;
} thread = {.lock = PTHREAD_MUTEX_INITIALIZER, .has_work = PTHREAD_COND_INITIALIZER};

static void *write_forever(void *unused) {
    const uint64_t one = 1;
    struct bytes batch = {0};
    for (;;) {
        pthread_mutex_lock(&thread.lock);
        while (!bytes_count(&thread.waiting)) pthread_cond_wait(&thread.has_work, &thread.lock);
        struct bytes empty = batch;
        batch = thread.waiting;
        thread.waiting = empty;
        uint64_t last = thread.last_waiting;
        pthread_mutex_unlock(&thread.lock);
        journal_write(&thread.journal, &batch);
        atomic_store(&thread.durable, last);
        if (write(thread.wake_up, &one, sizeof one) < 0) fail("eventfd");
    }
    return unused;
}

// Returns a descriptor that becomes readable whenever more is durable.
int journal_thread_start(void) {
    pthread_t id;
    thread.journal = journal_open("leader");
    thread.wake_up = eventfd(0, EFD_NONBLOCK);
    if (pthread_create(&id, NULL, write_forever, NULL)) fail("pthread_create");
    return thread.wake_up;
}

void journal_thread_add(const struct bytes *entries, uint64_t last) {
    pthread_mutex_lock(&thread.lock);
    bytes_add(&thread.waiting, entries->memory + entries->start, bytes_count(entries));
    thread.last_waiting = last;
    pthread_cond_signal(&thread.has_work);
    pthread_mutex_unlock(&thread.lock);
}

// The last entry known durable; call it when the descriptor is readable.
uint64_t journal_thread_durable(void) {
    uint64_t wake_ups;
    if (read(thread.wake_up, &wake_ups, sizeof wake_ups) < 0) return 0;
    return atomic_load(&thread.durable);
}
