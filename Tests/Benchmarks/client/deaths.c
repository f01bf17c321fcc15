/* Many sockets that die at full speed: how long until the server has noticed all of them, whether the kernel
 * had to drop a notice, and what memory the server needed while they lived. */
#include "clock.h"
#include "crowd.h"
#include "drops.h"
#include "measures.h"
#include "removals.h"

#include <err.h>
#include <stdio.h>
#include <unistd.h>

enum {
    GLANCE_MILLISECONDS = 5,
    PATIENCE_NANOSECONDS = 20 * 1000000000l,
};

/* VmRSS of the server, in octets. */
static long resident_octets(const struct server *server)
{
    char path[64], line[256];
    long kilobytes = -1;

    snprintf(path, sizeof path, "/proc/%d/status", server->process);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file) && sscanf(line, "VmRSS: %ld kB", &kilobytes) != 1)
        continue;
    if (kilobytes < 0)
        errx(1, "%s: no VmRSS", path);
    fclose(file);
    return kilobytes * 1024;
}

/* Time that the server spent on processors, in nanoseconds. */
static uint64_t processor_time(const struct server *server)
{
    char path[64];
    uint64_t nanoseconds;

    snprintf(path, sizeof path, "/proc/%d/schedstat", server->process);
    FILE *file = fopen(path, "r");
    if (!file || fscanf(file, "%lu", &nanoseconds) != 1)
        errx(1, "%s: no time", path);
    fclose(file);
    return nanoseconds;
}

/* Waits until the address is gone; returns the deaths that were dropped meanwhile. */
static long await_removal(const struct server *server, int removals, long before)
{
    uint64_t end = nanoseconds_now() + PATIENCE_NANOSECONDS;
    long most = before;
    while (!removals_await_one(removals, GLANCE_MILLISECONDS)) {
        long dropped = dropped_deaths(server);
        most = dropped > most ? dropped : most;
        if (nanoseconds_now() > end)
            errx(1, "%s: deaths were lost for good: the address stays", server->name);
    }
    return most - before;
}

static void measure(const struct server *server, struct effort effort, bool kills)
{
    int first = open_socket(), removals = removals_open();
    long resident_idle = resident_octets(server);

    server_ask(server, first, 0);
    struct crowd crowd =
        crowd_gather(server, (struct crowd_plan){.sockets = effort.calls, .spread = effort.spread});
    long resident_full = resident_octets(server), dropped = dropped_deaths(server);

    uint64_t start = nanoseconds_now(), spent = processor_time(server);
    if (kills)
        crowd_kill(&crowd);
    crowd_let_go(&crowd);
    close(first);
    dropped = await_removal(server, removals, dropped);
    double seconds = (double)(nanoseconds_now() - start) / 1e9;
    spent = processor_time(server) - spent;

    crowd_end(&crowd);
    close(removals);
    if (!effort.is_warm_up)
        printf("{\"server\": \"%s\", \"rate\": %.1f, \"work\": %.1f, \"lost\": %ld, \"octets\": %.2f}\n",
               server->name, effort.calls / seconds, (double)spent / effort.calls, dropped,
               (double)(resident_full - resident_idle) / effort.calls);
}

void measure_closes(const struct server *server, struct effort effort)
{
    measure(server, effort, false);
}

void measure_kills(const struct server *server, struct effort effort)
{
    measure(server, effort, true);
}
