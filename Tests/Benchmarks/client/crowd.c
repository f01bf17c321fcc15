#define _GNU_SOURCE
#include "crowd.h"
#include "clock.h"
#include "measures.h"

#include <err.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    FIRST_USER = 100000,
    FIRST_PORT = 1024,
    /* Sockets of one address that are this far apart differ in their protocol, so that both can have the port. */
    PORTS = 63996,
};

static void spread_over_all_processors(void)
{
    cpu_set_t all;
    memset(&all, 0xff, sizeof all);
    if (sched_setaffinity(0, sizeof all, &all) < 0)
        err(1, "sched_setaffinity");
}

static void become(uid_t user)
{
    if (seteuid(user) < 0)
        err(1, "seteuid");
}

static bool is_bound(struct crowd_plan plan, int number)
{
    return plan.bound == ALL_BOUND || (plan.bound == HALF_BOUND && number & 2);
}

static bool is_tcp(struct crowd_plan plan, int number)
{
    return plan.bound != NONE_BOUND && number & 4;
}

static bool stays(struct crowd_plan plan, int number)
{
    return plan.half_stays && number & 1;
}

/* The socket that is the `number`th of its user. */
static int open_and_ask(const struct server *server, struct crowd_plan plan, int number)
{
    struct sockaddr_in6 local = {
        .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)(FIRST_PORT + number % PORTS))};
    int descriptor = socket(AF_INET6, (is_tcp(plan, number) ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);

    if (descriptor < 0)
        err(1, "socket");
    local.sin6_addr = server_ask_for(server, descriptor, stays(plan, number) ? STAYING_TYPE : BENCH_TYPE, 0);
    if (is_bound(plan, number) && bind(descriptor, (struct sockaddr *)&local, sizeof local) < 0)
        err(1, "bind");
    return descriptor;
}

/* Fills `sockets`, whose first is the `first` of all. */
static void register_all(const struct server *server, struct crowd_plan plan, int *sockets, int first, int count)
{
    for (int index = 0; index < count; index++) {
        int place = first + index;
        if (plan.users == 0) {
            sockets[index] = open_and_ask(server, plan, place);
            continue;
        }
        become(FIRST_USER + (uid_t)(place % plan.users));
        sockets[index] = open_and_ask(server, plan, place / plan.users);
        become(0);
    }
    /* The kernel forgets it with each change of user. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void await_close(int pipe)
{
    char octet;
    if (read(pipe, &octet, 1) != 0)
        err(1, "pipe");
}

struct pipes {
    int ready[2], go[2], end[2], closed[2];
};

static _Noreturn void run_child(const struct server *server, struct crowd_plan plan, struct pipes pipes, int first,
                                int count)
{
    int *sockets = calloc((size_t)count, sizeof *sockets);

    close(pipes.go[1]), close(pipes.end[1]);
    register_all(server, plan, sockets, first, count);
    if (plan.spread)
        spread_over_all_processors();
    if (write(pipes.ready[1], "", 1) != 1)
        err(1, "pipe");
    await_close(pipes.go[0]);
    for (int index = 0; index < count; index++)
        if (!stays(plan, first + index))
            close(sockets[index]);
    uint64_t now = nanoseconds_now();
    if (write(pipes.closed[1], &now, sizeof now) != sizeof now)
        err(1, "pipe");
    if (plan.half_stays)
        await_close(pipes.end[0]);
    _exit(0);
}

static struct pipes open_pipes(void)
{
    struct pipes pipes;
    if (pipe(pipes.ready) < 0 || pipe(pipes.go) < 0 || pipe(pipes.end) < 0 || pipe(pipes.closed) < 0)
        err(1, "pipe");
    return pipes;
}

struct crowd crowd_gather(const struct server *server, struct crowd_plan plan)
{
    struct pipes pipes = open_pipes();
    struct crowd crowd = {.go = pipes.go[1], .end = pipes.end[1], .closed = pipes.closed[0]};
    char octet;

    for (int first = 0; first < plan.sockets; first += SOCKETS_PER_PROCESS) {
        int left = plan.sockets - first, share = left < SOCKETS_PER_PROCESS ? left : SOCKETS_PER_PROCESS;
        if (crowd.count == MOST_PROCESSES)
            errx(64, "too many sockets");
        if ((crowd.children[crowd.count] = fork_child()) == 0)
            run_child(server, plan, pipes, first, share);
        if (read(pipes.ready[0], &octet, 1) != 1)
            errx(1, "a client failed");
        crowd.count++;
    }
    close(pipes.ready[0]), close(pipes.ready[1]);
    close(pipes.go[0]), close(pipes.end[0]), close(pipes.closed[1]);
    return crowd;
}

void crowd_let_go(struct crowd *crowd)
{
    close(crowd->go);
    crowd->go = -1;
}

uint64_t crowd_await_closes(const struct crowd *crowd)
{
    uint64_t last = 0, time;
    for (int child = 0; child < crowd->count; child++) {
        if (read(crowd->closed, &time, sizeof time) != sizeof time)
            errx(1, "a client failed");
        last = time > last ? time : last;
    }
    return last;
}

void crowd_kill(const struct crowd *crowd)
{
    for (int child = 0; child < crowd->count; child++)
        kill(crowd->children[child], SIGKILL);
}

void crowd_end(struct crowd *crowd)
{
    if (crowd->go >= 0)
        crowd_let_go(crowd);
    close(crowd->end);
    for (int child = 0; child < crowd->count; child++)
        waitpid(crowd->children[child], NULL, 0);
    close(crowd->closed);
}
