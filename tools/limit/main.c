#include "limit.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct options options = {
    .workload = PUTS,
    .outstanding = 64,
    .connections = 16,
    .followers = 2,
    .value_size = 256,
    .keys = 65536,
    .journal_mib = 64,
    .seconds = 4,
    .directory = "/tmp",
};

const char *const workload_names[WORKLOADS] = {"put", "get", "mixed"};

void fail(const char *what) {
    perror(what);
    exit(1);
}

static const char usage[] =
    "usage: limit [--workload put|get|mixed] [--outstanding N] [--connections N]\n"
    "             [--followers 0|2|4|6] [--seconds S] [--value-size BYTES] [--keys N]\n"
    "             [--journal-mib N] [--directory DIR]\n";

#include "options.h"

static void read_options(int count, char **arguments) {
    static const struct option known[] = {
        {"workload", 1, 0, 'w'}, {"outstanding", 1, 0, 'n'}, {"connections", 1, 0, 'c'},
        {"followers", 1, 0, 'f'}, {"seconds", 1, 0, 's'}, {"value-size", 1, 0, 'v'},
        {"keys", 1, 0, 'k'}, {"journal-mib", 1, 0, 'j'}, {"directory", 1, 0, 'd'}, {0},
    };
    for (int option; (option = getopt_long(count, arguments, "", known, NULL)) != -1;)
        switch (option) {
        case 'w':
            options.workload = 0;
            while (strcmp(optarg, workload_names[options.workload]))
                if (++options.workload == WORKLOADS) refuse();
            break;
        case 'n': options.outstanding = number(1, OUTSTANDING_MAX); break;
        case 'c': options.connections = number(1, CONNECTIONS_MAX); break;
        case 'f': options.followers = number(0, FOLLOWERS_MAX); break;
        case 's': options.seconds = atof(optarg); break;
        case 'v': options.value_size = number(0, 1 << 16); break;
        case 'k': options.keys = number(1, 1 << 24); break;
        case 'j': options.journal_mib = number(1, 1 << 14); break;
        case 'd': options.directory = optarg; break;
        default: refuse();
        }
    if (optind < count || options.seconds <= 0 || options.followers % 2) refuse();
}

int main(int count, char **arguments) {
    read_options(count, arguments);
    signal(SIGPIPE, SIG_IGN);
    uint16_t ports[FOLLOWERS_MAX + 1];
    int listeners[FOLLOWERS_MAX + 1];
    pid_t nodes[FOLLOWERS_MAX + 1]; // node 0 leads
    for (unsigned i = 0; i <= options.followers; i++) listeners[i] = net_listen(&ports[i]);
    for (unsigned i = 0; i <= options.followers; i++) {
        nodes[i] = fork();
        if (nodes[i] < 0) fail("fork");
        if (nodes[i] > 0) continue;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (i == 0) leader_run(listeners[0], ports + 1);
        follower_run(listeners[i], i);
    }
    bool is_sound = load_run(ports[0], nodes);
    for (unsigned i = 0; i <= options.followers; i++) kill(nodes[i], SIGKILL);
    for (unsigned i = 0; i <= options.followers; i++) waitpid(nodes[i], NULL, 0);
    return is_sound ? 0 : 3;
}
