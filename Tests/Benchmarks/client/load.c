/* Several clients at once: requests a second, and what one of them waits. */
#define _GNU_SOURCE
#include "clock.h"
#include "measures.h"
#include "removals.h"

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t fork_child(void)
{
    pid_t child = fork();
    if (child < 0)
        err(1, "fork");
    if (child == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    return child;
}

/* Opens its sockets, says so, waits for the pipe `go` to close, asks for each of them. */
static _Noreturn void run_child(const struct server *server, int calls, const int ready[2], const int go[2],
                                uint64_t *samples, uint64_t *finished)
{
    int *sockets = calloc((size_t)calls, sizeof *sockets);
    char octet = 0;

    close(go[1]);
    for (int index = 0; index < calls; index++)
        sockets[index] = open_socket();
    if (write(ready[1], &octet, 1) != 1 || read(go[0], &octet, 1) != 0)
        err(1, "pipe");
    uint64_t start = nanoseconds_now();
    for (int index = 0; index < calls; index++) {
        server_ask(server, sockets[index], 0);
        uint64_t end = nanoseconds_now();
        samples[index] = end - start;
        start = end;
    }
    *finished = start;
    _exit(0);
}

static void await_children(int processes)
{
    for (int status; processes > 0; processes--)
        if (wait(&status) < 0 || status != 0)
            errx(1, "a client failed");
}

void measure_load(const struct server *server, struct effort effort)
{
    int calls = effort.calls / effort.processes, total = calls * effort.processes;
    int ready[2], go[2], holder = open_socket();
    size_t size = sizeof(uint64_t) * (size_t)(total + effort.processes);
    uint64_t *samples = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint64_t *finished = samples + total;
    char more[64], octet;

    server_ask(server, holder, 0);
    if (samples == MAP_FAILED || pipe(ready) < 0 || pipe(go) < 0)
        err(1, "load");
    for (int child = 0; child < effort.processes; child++) {
        if (fork_child() == 0)
            run_child(server, calls, ready, go, samples + child * calls, finished + child);
        if (read(ready[0], &octet, 1) != 1)
            errx(1, "a client failed");
    }
    uint64_t start = nanoseconds_now(), end = start;
    close(go[1]);
    await_children(effort.processes);
    for (int child = 0; child < effort.processes; child++)
        end = finished[child] > end ? finished[child] : end;
    close_all_and_await(&holder, 1, 1);

    snprintf(more, sizeof more, ", \"rate\": %.1f", total / ((double)(end - start) / 1e9));
    if (!effort.is_warm_up)
        print_latencies(server, samples, total, more);
    munmap(samples, size);
    close(ready[0]), close(ready[1]), close(go[0]);
}
