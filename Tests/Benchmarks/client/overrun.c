/* Many sockets that die when there is little room for the kernel to say so: how long after the last close
 * until the server's books are exact again. */
#include "books.h"
#include "clock.h"
#include "crowd.h"
#include "drops.h"
#include "measures.h"
#include "removals.h"

#include <arpa/inet.h>
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { GLANCE_MILLISECONDS = 10, PATIENCE_NANOSECONDS = 20 * 1000000000l, DROP_MICROSECONDS = 500 };

/* Lets the sockets go, and holds the server back until the kernel has lost so many notices. */
static void let_go(const struct server *server, struct crowd *crowd, long losses)
{
    long enough = dropped_deaths(server) + losses;
    kill(server->process, SIGSTOP);
    crowd_let_go(crowd);
    while (dropped_deaths(server) < enough)
        usleep(DROP_MICROSECONDS);
    kill(server->process, SIGCONT);
}

/* Waits until one address is gone and so many sockets are believed to be open; the seconds since `last`. Raises
 * *dropped to what the kernel has lost. */
static double await_exact_books(const struct server *server, int removals, long sockets, uint64_t last,
                                long *dropped)
{
    bool is_removed = false;
    uint64_t end = last + PATIENCE_NANOSECONDS;

    for (;;) {
        long believed = books_sockets(server), lost = dropped_deaths(server);
        is_removed = is_removed || removals_await_one(removals, GLANCE_MILLISECONDS);
        uint64_t now = nanoseconds_now();
        *dropped = lost > *dropped ? lost : *dropped;
        if (is_removed && believed == sockets)
            return (double)(now - last) / 1e9;
        if (now > end)
            errx(1, "%s: never exact: %ld sockets for %ld, address %s", server->name, believed, sockets,
                 is_removed ? "gone" : "there");
    }
}

/* An address that sockets keep must be there. */
static void check_is_there(const struct server *server, struct in6_addr address)
{
    struct sockaddr_in6 local = {.sin6_family = AF_INET6, .sin6_addr = address};
    int descriptor = open_socket();
    if (bind(descriptor, (struct sockaddr *)&local, sizeof local) < 0)
        err(1, "%s: an address was removed while in use", server->name);
    close(descriptor);
}

void measure_overrun(const struct server *server, struct effort effort)
{
    struct crowd crowd = crowd_gather(server, (struct crowd_plan){.sockets = effort.calls,
                                                                  .bound = HALF_BOUND,
                                                                  .half_stays = effort.stay,
                                                                  .spread = effort.spread});
    /* Not earlier: the children would have them too. */
    int removals = removals_open(), dying = open_socket(), staying = open_socket();
    long staying_sockets = effort.stay ? effort.calls / 2 + 1 : 0;
    struct in6_addr kept = {0};
    double rest = 0;

    server_ask(server, dying, 0);
    if (effort.stay)
        kept = server_ask_for(server, staying, STAYING_TYPE, 0);
    if (books_sockets(server) != effort.calls + 1 + effort.stay)
        errx(1, "%s: sockets are missing before any has died", server->name);

    long before = dropped_deaths(server), dropped = before;
    close(dying);
    let_go(server, &crowd, effort.calls / 4);
    double exact = await_exact_books(server, removals, staying_sockets, crowd_await_closes(&crowd), &dropped);
    dropped -= before;
    if (effort.stay)
        check_is_there(server, kept);

    crowd_end(&crowd);
    close(staying);
    if (effort.stay)
        rest = await_exact_books(server, removals, 0, nanoseconds_now(), &before);
    close(removals);
    if (!effort.is_warm_up)
        printf("{\"server\": \"%s\", \"exact\": %.4f, \"rest\": %.4f, \"dropped\": %ld}\n", server->name, exact,
               rest, dropped);
}
