/* Each function does one block of work with one server and prints what it saw as one line of JSON. */
#ifndef CLIENT_MEASURES_H
#define CLIENT_MEASURES_H

#include "server.h"

#include <stdbool.h>
#include <stdint.h>

struct effort {
    int calls;
    int processes;
    int users;        /* hold: who ask for the sockets; 0: only root */
    bool mixed;       /* hold: half of the sockets are not bound, else all are */
    bool stay;        /* overrun: half of the sockets stay open at first */
    bool spread;      /* deaths: on all CPUs, not where the client was put */
    bool is_warm_up;  /* do it and print nothing */
};

void measure_hits(const struct server *server, struct effort effort);
void measure_makes(const struct server *server, struct effort effort);
void measure_cycles(const struct server *server, struct effort effort);
void measure_solicits(const struct server *server, struct effort effort);
void measure_leases(const struct server *server, struct effort effort);
void measure_load(const struct server *server, struct effort effort);
void measure_closes(const struct server *server, struct effort effort);
void measure_kills(const struct server *server, struct effort effort);
void measure_overrun(const struct server *server, struct effort effort);
void measure_dumps(const struct server *server, struct effort effort);

/* Registers sockets, says so, and keeps them until stdin ends. */
void measure_hold(const struct server *server, struct effort effort);

/* Sorts the samples (nanoseconds) and prints {"server", "p50", "p99"} and what `more` says. */
void print_latencies(const struct server *server, uint64_t *samples, int count, const char *more);

/* Room for so many samples. */
uint64_t *new_samples(int count);

/* Prints the samples of all calls, unless they were the warm-up, and frees them. */
void finish_block(const struct server *server, struct effort effort, uint64_t *samples);

/* A child process that dies with its parent; 0 in the child. */
pid_t fork_child(void);

#endif
