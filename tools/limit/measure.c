#include "limit.h"

#include <time.h>

uint64_t nanoseconds(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time)) return 0;
    return (uint64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// What all threads of a process have spent so far, in nanoseconds.
uint64_t processor_time(pid_t process) {
    clockid_t clock;
    return clock_getcpuclockid(process, &clock) ? 0 : nanoseconds(clock);
}

void latencies_note(struct latencies *latencies, uint64_t ns) {
    unsigned shift = ns < 64 ? 0 : 58 - __builtin_clzll(ns);
    unsigned bucket = ns < 64 ? ns : shift * 64 + (ns >> (shift - 1)) % 64;
    latencies->buckets[bucket]++;
    latencies->count++;
    latencies->sum += ns;
    if (ns > latencies->max) latencies->max = ns;
}

double latencies_quantile_us(const struct latencies *latencies, double part) {
    uint64_t wanted = (uint64_t)(part * latencies->count), seen = 0;
    for (unsigned bucket = 0; bucket < 64 * 64; bucket++) {
        seen += latencies->buckets[bucket];
        if (seen <= wanted) continue;
        unsigned shift = bucket / 64;
        uint64_t low = shift ? (uint64_t)(64 + bucket % 64) << (shift - 1) : bucket;
        return low / 1e3;
    }
    return 0;
}
