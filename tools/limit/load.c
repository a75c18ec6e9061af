#include "limit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

static struct latencies latencies;

// The longest time without any answer.
static uint64_t stall;

// --------------------------------------------------------------- requests

static struct {
    struct connection *connections[CONNECTIONS_MAX];
    uint64_t *sent_at;
    char *value;
    uint64_t dice;
} load;

static void ask(struct connection *connection, uint64_t number, uint64_t now) {
    load.dice = load.dice * 6364136223846793005u + 1442695040888963407u;
    uint32_t key = (load.dice >> 33) % options.keys;
    bool is_put = options.workload == MIXED ? load.dice >> 32 & 1 : options.workload == PUTS;
    uint32_t size = is_put ? options.value_size : 0;
    load.sent_at[number] = now;
    struct frame head = {size, is_put ? PUT : GET, number, key};
    frame_add(&connection->out, head, load.value);
}

// Every answer makes room for the next request: a closed loop.
static uint64_t exchange(int poll_set, struct connection *connection, bool is_measured) {
    if (!net_receive(connection)) fail("the leader went away");
    uint64_t now = nanoseconds(CLOCK_MONOTONIC);
    struct bytes *in = &connection->in;
    for (const struct frame *head; (head = frame_next(in)); frame_drop(in, head)) {
        if (is_measured) latencies_note(&latencies, now - load.sent_at[head->number]);
        ask(connection, head->number, now);
    }
    net_send(poll_set, connection);
    return now;
}

static void start(int poll_set, uint16_t port, unsigned connections) {
    load.dice = 1;
    load.sent_at = calloc(options.outstanding, sizeof *load.sent_at);
    load.value = malloc(options.value_size + 1);
    memset(load.value, 'v', options.value_size);
    for (unsigned i = 0; i < connections; i++)
        load.connections[i] = net_adopt(poll_set, net_connect(port));
    uint64_t now = nanoseconds(CLOCK_MONOTONIC);
    for (unsigned i = 0; i < options.outstanding; i++) ask(load.connections[i % connections], i, now);
    for (unsigned i = 0; i < connections; i++) net_send(poll_set, load.connections[i]);
}

// ----------------------------------------------------------------- result

struct sample {
    uint64_t time, leader, followers, load;
};

static struct sample sample(const pid_t *nodes) {
    struct sample now = {.time = nanoseconds(CLOCK_MONOTONIC)};
    now.leader = processor_time(nodes[0]);
    for (unsigned i = 1; i <= options.followers; i++) now.followers += processor_time(nodes[i]);
    now.load = processor_time(getpid());
    return now;
}

static double quantile_us(double part) { return latencies_quantile_us(&latencies, part); }

// In a closed loop, throughput times mean latency is what is outstanding (Little's law); a run that
// is off by more than a twentieth measured something else.
static bool report(struct sample from, struct sample to, unsigned connections) {
    double us = (to.time - from.time) / 1e3, count = latencies.count;
    double mean_us = latencies.sum / 1e3 / count;
    double little = count / us * mean_us / options.outstanding;
    double leader = (to.leader - from.leader) / 1e3 / count;
    double followers = (to.followers - from.followers) / 1e3 / count;
    double client = (to.load - from.load) / 1e3 / count;
    printf("{\"workload\":\"%s\",\"outstanding\":%u,\"connections\":%u,\"followers\":%u,"
           "\"value_size\":%u,\"ops_s\":%.0f,\"p50_us\":%.0f,\"p95_us\":%.0f,\"p99_us\":%.0f,"
           "\"p999_us\":%.0f,\"max_us\":%.0f,\"stall_us\":%.0f,\"mean_us\":%.1f,"
           "\"little\":%.3f,\"cpu_us_per_op\":%.2f,"
           "\"cpu_leader\":%.2f,\"cpu_followers\":%.2f,\"cpu_load\":%.2f,\"seconds\":%.2f}\n",
           workload_names[options.workload], options.outstanding, connections, options.followers,
           options.value_size, count / us * 1e6, quantile_us(.5), quantile_us(.95),
           quantile_us(.99), quantile_us(.999), latencies.max / 1e3, stall / 1e3, mean_us, little,
           leader + followers + client, leader, followers, client, us / 1e6);
    fflush(stdout);
    if (fabs(little - 1) <= .05) return true;
    fprintf(stderr, "limit: Little's law is off: %.3f of what is outstanding\n", little);
    return false;
}

// Half a second to warm up from the first answer, then the measured time.
bool load_run(uint16_t port, const pid_t *nodes) {
    enum { WARM_UP_NS = 500000000 };
    unsigned connections = options.connections;
    if (connections > options.outstanding) connections = options.outstanding;
    int poll_set = epoll_create1(0);
    start(poll_set, port, connections);
    struct sample from = {0};
    uint64_t first = 0, end = UINT64_MAX;
    for (uint64_t now = 0, last = 0; now < end; last = now) {
        struct epoll_event events[CONNECTIONS_MAX];
        int count = epoll_wait(poll_set, events, CONNECTIONS_MAX, 60000);
        if (count <= 0) fail("no answer for a minute");
        for (int i = 0; i < count; i++)
            now = exchange(poll_set, events[i].data.ptr, from.time > 0);
        if (from.time && now - last > stall) stall = now - last;
        if (!first) first = now;
        if (!from.time && now - first >= WARM_UP_NS) {
            from = sample(nodes);
            end = from.time + (uint64_t)(options.seconds * 1e9);
        }
    }
    return report(from, sample(nodes), connections);
}
