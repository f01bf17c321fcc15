/* Child processes that hold many sockets, each of which asked the server for its address. */
#ifndef CLIENT_CROWD_H
#define CLIENT_CROWD_H

#include "server.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    SOCKETS_PER_PROCESS = 15000, /* the limit of descriptors is 20,000 in places */
    MOST_PROCESSES = 64,
};

enum bound { NONE_BOUND, HALF_BOUND, ALL_BOUND };

struct crowd_plan {
    int sockets;      /* in all */
    int users;        /* who ask for them in turn; 0: they are all this process's user's */
    enum bound bound; /* how many are bound to their address: then half of all are TCP, else all are UDP */
    bool half_stays;  /* every other one asks for STAYING_TYPE and is open to the end; without users */
    bool spread;      /* on all processors, not where the client was put */
};

struct crowd {
    int count;
    pid_t children[MOST_PROCESSES];
    int go, end, closed; /* pipes: they close their sockets when `go` closes, say when that was done, and if
                          * some stay wait for `end` to close */
};

/* Starts the children one after the other, so that each registers alone; then all sockets are open. Whatever
 * the caller has open before is theirs too. */
struct crowd crowd_gather(const struct server *server, struct crowd_plan plan);

/* Lets all of them close their sockets, and at once returns. */
void crowd_let_go(struct crowd *crowd);

/* Waits until all have closed; the time of the last close, in nanoseconds. */
uint64_t crowd_await_closes(const struct crowd *crowd);

void crowd_kill(const struct crowd *crowd);

/* Ends the children, and with them whatever is open still. */
void crowd_end(struct crowd *crowd);

#endif
