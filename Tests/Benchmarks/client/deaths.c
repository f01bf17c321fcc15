/* Many sockets that die at full speed: how long until the server has noticed all of them, whether the kernel
 * had to drop a notice, and what memory the server needed while they lived. */
#define _GNU_SOURCE
#include "clock.h"
#include "measures.h"
#include "removals.h"

#include <err.h>
#include <linux/netlink.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    SOCKETS_PER_PROCESS = 15000, /* the limit of descriptors is 20,000 in places */
    MOST_PROCESSES = 64,
    GLANCE_MILLISECONDS = 5,
    PATIENCE_NANOSECONDS = 20 * 1000000000l,
};

static void spread_over_all_processors(void)
{
    cpu_set_t all;
    memset(&all, 0xff, sizeof all);
    if (sched_setaffinity(0, sizeof all, &all) < 0)
        err(1, "sched_setaffinity");
}

/* Registers its sockets, says so, and when the pipe `go` closes, closes them. */
static _Noreturn void run_child(const struct server *server, int count, bool spread, const int ready[2],
                                const int go[2])
{
    int *sockets = calloc((size_t)count, sizeof *sockets);
    char octet = 0;

    close(go[1]);
    for (int index = 0; index < count; index++) {
        sockets[index] = open_socket();
        server_ask(server, sockets[index], 0);
    }
    if (spread)
        spread_over_all_processors();
    if (write(ready[1], &octet, 1) != 1 || read(go[0], &octet, 1) != 0)
        err(1, "pipe");
    for (int index = 0; index < count; index++)
        close(sockets[index]);
    _exit(0);
}

/* Starts the children one after the other, so that each registers alone; returns their number. */
static int start_children(const struct server *server, struct effort effort, const int go[2], pid_t *children)
{
    int ready[2], count = 0;
    char octet;

    if (pipe(ready) < 0)
        err(1, "pipe");
    for (int left = effort.calls; left > 0; left -= SOCKETS_PER_PROCESS) {
        int share = left < SOCKETS_PER_PROCESS ? left : SOCKETS_PER_PROCESS;
        if (count == MOST_PROCESSES)
            errx(64, "too many sockets");
        if ((children[count] = fork_child()) == 0)
            run_child(server, share, effort.spread, ready, go);
        if (read(ready[0], &octet, 1) != 1)
            errx(1, "a client failed");
        count++;
    }
    close(ready[0]), close(ready[1]);
    return count;
}

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

/* Deaths that the kernel could not tell the server's sockets that are open now, for want of room. */
static long dropped_deaths(const struct server *server)
{
    char path[64], line[256];
    long dropped = 0, drops;
    int protocol;

    snprintf(path, sizeof path, "/proc/%d/net/netlink", server->process);
    FILE *file = fopen(path, "r");
    if (!file)
        err(1, "%s", path);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "%*s %d %*d %*x %*d %*d %*d %*d %ld", &protocol, &drops) == 2)
            dropped += protocol == NETLINK_SOCK_DIAG ? drops : 0;
    fclose(file);
    return dropped;
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
    pid_t children[MOST_PROCESSES];
    int go[2], first = open_socket(), removals = removals_open();
    long resident_idle = resident_octets(server);

    server_ask(server, first, 0);
    if (pipe(go) < 0)
        err(1, "pipe");
    int count = start_children(server, effort, go, children);
    long resident_full = resident_octets(server), dropped = dropped_deaths(server);

    uint64_t start = nanoseconds_now(), spent = processor_time(server);
    for (int child = 0; kills && child < count; child++)
        kill(children[child], SIGKILL);
    close(go[1]);
    close(first);
    dropped = await_removal(server, removals, dropped);
    double seconds = (double)(nanoseconds_now() - start) / 1e9;
    spent = processor_time(server) - spent;

    for (int child = 0; child < count; child++)
        waitpid(children[child], NULL, 0);
    close(go[0]), close(removals);
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
