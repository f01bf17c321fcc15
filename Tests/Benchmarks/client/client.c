/* Load for servers of setsc, and what they make of it.
 *
 *     client [--calls N] [--blocks N] [--processes N] [--users N] [--warm-up N] [--mixed] [--spread] [--stay]
 *            MEASURE NAME=PROCESS:SOCKET…
 *
 * Blocks of `calls` requests go to the servers in turn, so that what changes on the machine meanwhile meets
 * all of them alike. Each block is one line of JSON on stdout: times in nanoseconds, rates a second. */
#include "measures.h"

#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SERVERS = 8 };

typedef void measure(const struct server *, struct effort);

static const struct {
    const char *name;
    measure *run;
} measures[] = {
    {"hit", measure_hits},   {"made", measure_makes},    {"cycle", measure_cycles},
    {"load", measure_load},  {"closes", measure_closes}, {"kills", measure_kills},
    {"hold", measure_hold},  {"dumps", measure_dumps},   {"overrun", measure_overrun},
    {"solicits", measure_solicits}, {"leases", measure_leases},
};

static measure *measure_named(const char *name)
{
    for (size_t index = 0; index < sizeof measures / sizeof *measures; index++)
        if (strcmp(measures[index].name, name) == 0)
            return measures[index].run;
    errx(64, "%s: no such measure", name);
}

static const struct option options[] = {
    {"calls", required_argument, NULL, 'c'},   {"blocks", required_argument, NULL, 'b'},
    {"processes", required_argument, NULL, 'p'}, {"warm-up", required_argument, NULL, 'w'},
    {"users", required_argument, NULL, 'u'},   {"mixed", no_argument, NULL, 'm'},
    {"spread", no_argument, NULL, 's'},        {"stay", no_argument, NULL, 'y'},
    {NULL, 0, NULL, 0},
};

static void run_block(measure *run, const struct server *server, struct effort effort)
{
    server_enter(server);
    run(server, effort);
    fflush(stdout);
}

int main(int count, char **arguments)
{
    struct effort effort = {.calls = 1000, .processes = 1};
    struct server servers[MOST_SERVERS];
    int blocks = 1, warm_up = 0, server_count = 0;

    for (int option; (option = getopt_long(count, arguments, "", options, NULL)) != -1;)
        switch (option) {
        case 'c': effort.calls = atoi(optarg); break;
        case 'b': blocks = atoi(optarg); break;
        case 'p': effort.processes = atoi(optarg); break;
        case 'w': warm_up = atoi(optarg); break;
        case 'u': effort.users = atoi(optarg); break;
        case 'm': effort.mixed = true; break;
        case 's': effort.spread = true; break;
        case 'y': effort.stay = true; break;
        default: return 64;
        }
    if (count - optind < 2 || count - optind - 1 > MOST_SERVERS || effort.calls < 1 || effort.processes < 1)
        errx(64, "usage: client [OPTION…] MEASURE NAME=PROCESS:SOCKET…");
    measure *run = measure_named(arguments[optind++]);
    while (optind < count)
        servers[server_count++] = server_named(arguments[optind++]);

    for (int block = -(warm_up > 0); block < blocks; block++) {
        struct effort now = effort;
        now.is_warm_up = block < 0;
        now.calls = now.is_warm_up ? warm_up : effort.calls;
        for (int index = 0; index < server_count; index++)
            run_block(run, &servers[(index + block + server_count) % server_count], now);
    }
}
