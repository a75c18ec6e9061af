#include "etcd.h"

#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { PROCESSES_MAX = 16, SPARE_BODY_SIZE = 64, WARM_UP_NS = 500000000 };
enum workload_kind { PUT_ONLY, GET_ONLY, HALF_AND_HALF, LOAD, KINDS };
static const char *const kind_names[KINDS] = {"put", "get", "mixed", "load"};

static struct {
    enum workload_kind kind;
    unsigned outstanding, connections, value_size, keys;
    double seconds;
    uint16_t port;
    pid_t processes[PROCESSES_MAX];
    unsigned process_count;
} plan = {PUT_ONLY, 64, 16, 256, 100000, 4, 0, {0}, 0};

static struct {
    uint64_t *sent_at;
    bool *is_get;
    char *value;
    struct bytes body;
    uint64_t dice, now, errors, stall;
    unsigned loaded;
    int left;
    bool is_measured;
    struct latencies latencies;
} load = {.dice = 1};

void fail(const char *what) {
    perror(what);
    exit(1);
}

static void call(struct channel *channel, uint32_t slot) {
    load.dice = load.dice * 6364136223846793005u + 1442695040888963407u;
    uint32_t key = plan.kind == LOAD ? load.loaded++ : (load.dice >> 33) % plan.keys;
    bool is_get = plan.kind == HALF_AND_HALF ? load.dice >> 32 & 1 : plan.kind == GET_ONLY;
    bytes_drop(&load.body, bytes_count(&load.body));
    if (is_get)
        message_range(&load.body, key);
    else
        message_put(&load.body, key, load.value, plan.value_size);
    load.is_get[slot] = is_get;
    channel_call(channel, is_get ? RANGE_METHOD : PUT_METHOD, slot, &load.body);
}

// Calls at once, or as soon as the window allows; the time counts from now on in either case.
static void ask(struct channel *channel, uint32_t slot) {
    load.sent_at[slot] = load.now;
    if (channel->waiting_count || !channel_has_room(channel, plan.value_size + SPARE_BODY_SIZE)) {
        unsigned last = channel->waiting_first + channel->waiting_count++;
        channel->waiting[last % plan.outstanding] = slot;
    } else {
        call(channel, slot);
    }
}

static void ask_waiting(struct channel *channel) {
    while (channel->waiting_count && channel_has_room(channel, plan.value_size + SPARE_BODY_SIZE)) {
        call(channel, channel->waiting[channel->waiting_first]);
        channel->waiting_first = (channel->waiting_first + 1) % plan.outstanding;
        channel->waiting_count--;
    }
}

// Every answer makes room for the next request: a closed loop. A read that finds nothing is wrong.
static void answered(struct channel *channel, uint32_t slot, uint32_t answer_size) {
    uint32_t expected = load.is_get[slot] ? plan.value_size : 1;
    if (answer_size < expected) load.errors++;
    if (load.is_measured) latencies_note(&load.latencies, load.now - load.sent_at[slot]);
    if (plan.kind == LOAD) {
        load.left--;
        if (load.loaded >= plan.keys) return;
    }
    ask(channel, slot);
}

static void turn(int poll_set, struct channel **channels) {
    struct epoll_event events[CONNECTIONS_MAX];
    int count = epoll_wait(poll_set, events, CONNECTIONS_MAX, 60000);
    if (count <= 0) fail("no answer for a minute");
    uint64_t now = nanoseconds(CLOCK_MONOTONIC);
    if (load.is_measured && now - load.now > load.stall) load.stall = now - load.now;
    load.now = now;
    for (int i = 0; i < count; i++) {
        struct connection *connection = events[i].data.ptr;
        unsigned at = 0;
        while (channels[at]->connection != connection) at++;
        if (!net_receive(connection)) fail("the server went away");
        load.now = nanoseconds(CLOCK_MONOTONIC);
        channel_receive(channels[at], answered);
        ask_waiting(channels[at]);
        net_send(poll_set, connection);
    }
}

static uint64_t nodes_time(void) {
    uint64_t time = 0;
    for (unsigned i = 0; i < plan.process_count; i++) time += processor_time(plan.processes[i]);
    return time;
}

static double quantile_us(double part) { return latencies_quantile_us(&load.latencies, part); }

static bool report(uint64_t ns, uint64_t own, uint64_t nodes) {
    double us = ns / 1e3, count = load.latencies.count;
    double mean_us = load.latencies.sum / 1e3 / count;
    double little = count / us * mean_us / plan.outstanding;
    printf("{\"operation\":\"%s\",\"outstanding\":%u,\"connections\":%u,\"value_size\":%u,"
           "\"ops_s\":%.0f,\"p50_us\":%.0f,\"p95_us\":%.0f,\"p99_us\":%.0f,\"p999_us\":%.0f,"
           "\"max_us\":%.0f,\"stall_us\":%.0f,\"mean_us\":%.1f,\"errors\":%lu,"
           "\"cpu_us_load\":%.2f,\"cpu_us_processes\":%.2f,\"littles_law\":%.3f,"
           "\"seconds\":%.2f}\n",
           kind_names[plan.kind], plan.outstanding, plan.connections, plan.value_size,
           count / us * 1e6, quantile_us(.5), quantile_us(.95), quantile_us(.99), quantile_us(.999),
           load.latencies.max / 1e3, load.stall / 1e3, mean_us, load.errors, own / 1e3 / count,
           nodes / 1e3 / count, little, us / 1e6);
    return load.errors == 0;
}

static bool measure(int poll_set, struct channel **channels) {
    uint64_t start = load.now;
    while (load.now - start < WARM_UP_NS) turn(poll_set, channels);
    uint64_t from = load.now, own = processor_time(getpid()), nodes = nodes_time();
    load.is_measured = true;
    while (load.now - from < plan.seconds * 1e9) turn(poll_set, channels);
    return report(load.now - from, processor_time(getpid()) - own, nodes_time() - nodes);
}

static bool fill(int poll_set, struct channel **channels) {
    while (load.left > 0) turn(poll_set, channels);
    return load.errors == 0;
}

static const char usage[] =
    "usage: etcd-load --port N [--workload put|get|mixed|load] [--outstanding N]\n"
    "                 [--connections N] [--seconds S] [--value-size BYTES] [--keys N]\n"
    "                 [--processes PID,PID]\n";

#include "../limit/options.h"

static void read_options(int count, char **arguments) {
    static const struct option known[] = {
        {"port", 1, 0, 'p'}, {"workload", 1, 0, 'w'}, {"outstanding", 1, 0, 'n'},
        {"connections", 1, 0, 'c'}, {"seconds", 1, 0, 's'}, {"value-size", 1, 0, 'v'},
        {"keys", 1, 0, 'k'}, {"processes", 1, 0, 'i'}, {0},
    };
    for (int option; (option = getopt_long(count, arguments, "", known, NULL)) != -1;)
        switch (option) {
        case 'p': plan.port = number(1, UINT16_MAX); break;
        case 'w':
            plan.kind = 0;
            while (strcmp(optarg, kind_names[plan.kind]))
                if (++plan.kind == KINDS) refuse();
            break;
        case 'n': plan.outstanding = number(1, OUTSTANDING_MAX); break;
        case 'c': plan.connections = number(1, CONNECTIONS_MAX); break;
        case 's': plan.seconds = atof(optarg); break;
        case 'v': plan.value_size = number(1, VALUE_MAX); break;
        case 'k': plan.keys = number(1, 99999999); break;
        case 'i':
            for (char *word = strtok(optarg, ","); word; word = strtok(NULL, ","))
                if (plan.process_count < PROCESSES_MAX)
                    plan.processes[plan.process_count++] = atoi(word);
            break;
        default: refuse();
        }
    if (optind < count || plan.seconds <= 0 || !plan.port) refuse();
    if (plan.kind == LOAD && plan.outstanding > plan.keys) plan.outstanding = plan.keys;
    if (plan.connections > plan.outstanding) plan.connections = plan.outstanding;
}

int main(int count, char **arguments) {
    read_options(count, arguments);
    signal(SIGPIPE, SIG_IGN);
    load.sent_at = calloc(plan.outstanding, sizeof *load.sent_at);
    load.is_get = calloc(plan.outstanding, sizeof *load.is_get);
    load.value = malloc(plan.value_size);
    memset(load.value, 'v', plan.value_size);
    load.left = plan.keys;
    int poll_set = epoll_create1(0);
    struct channel *channels[CONNECTIONS_MAX];
    for (unsigned i = 0; i < plan.connections; i++)
        channels[i] = channel_open(poll_set, plan.port, plan.outstanding);
    load.now = nanoseconds(CLOCK_MONOTONIC);
    for (unsigned i = 0; i < plan.outstanding; i++) ask(channels[i % plan.connections], i);
    for (unsigned i = 0; i < plan.connections; i++) net_send(poll_set, channels[i]->connection);
    bool is_sound = plan.kind == LOAD ? fill(poll_set, channels) : measure(poll_set, channels);
    return is_sound ? 0 : 3;
}
