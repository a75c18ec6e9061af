#ifndef LOCKSTEP_OPTIONS_H
#define LOCKSTEP_OPTIONS_H

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

/* What both load generators do with their words; whoever includes this has defined `usage`. */

_Noreturn static void refuse(void) {
    fputs(usage, stderr);
    exit(64);
}

/* The option's value, which is a number from min to max. */
static unsigned number(unsigned min, unsigned max) {
    char *end;
    unsigned long value = strtoul(optarg, &end, 10);
    if (!*optarg || *end || value < min || value > max) refuse();
    return value;
}

#endif
