/* One client, one request after the other: what a request takes. */
#define _GNU_SOURCE
#include "../frame.h"
#include "clock.h"
#include "measures.h"
#include "removals.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ADDRESSES_AT_A_TIME = 50 };

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

void print_latencies(const struct server *server, uint64_t *samples, int count, const char *more)
{
    qsort(samples, (size_t)count, sizeof *samples, compare);
    printf("{\"server\": \"%s\", \"p50\": %lu, \"p99\": %lu%s}\n", server->name, samples[count / 2],
           samples[count - 1 - count / 100], more);
}

uint64_t *new_samples(int count)
{
    uint64_t *samples = calloc((size_t)count, sizeof *samples);
    if (!samples)
        err(1, "calloc");
    return samples;
}

void finish_block(const struct server *server, struct effort effort, uint64_t *samples)
{
    if (!effort.is_warm_up)
        print_latencies(server, samples, effort.calls, "");
    free(samples);
}

/* Sockets that were never seen before ask for an address that another socket keeps in place. */
void measure_hits(const struct server *server, struct effort effort)
{
    uint64_t *samples = new_samples(effort.calls);
    int *sockets = calloc((size_t)effort.calls + 1, sizeof *sockets);
    for (int index = 0; index <= effort.calls; index++)
        sockets[index] = open_socket();
    server_ask(server, sockets[effort.calls], 0);

    for (int index = 0; index < effort.calls; index++) {
        uint64_t start = nanoseconds_now();
        server_ask(server, sockets[index], 0);
        samples[index] = nanoseconds_now() - start;
    }
    close_all_and_await(sockets, effort.calls + 1, 1);
    free(sockets);
    finish_block(server, effort, samples);
}

/* A batch of requests, each of which makes an address. The first is not timed: it meets a server that has
 * just removed the batch before, with caches that are cold from looking for the sockets of it. */
static void make_batch(const struct server *server, uint64_t *samples, int count)
{
    int sockets[ADDRESSES_AT_A_TIME + 1];
    for (int index = 0; index <= count; index++)
        sockets[index] = open_socket();
    server_ask(server, sockets[count], FLAG_ON_NET);
    for (int index = 0; index < count; index++) {
        uint64_t start = nanoseconds_now();
        server_ask(server, sockets[index], FLAG_ON_NET);
        samples[index] = nanoseconds_now() - start;
    }
    close_all_and_await(sockets, count + 1, count + 1);
}

/* Each request makes an address from a new prefix. They are removed in batches, outside of what is timed:
 * the kernel charges more for an address the more there are. */
void measure_makes(const struct server *server, struct effort effort)
{
    uint64_t *samples = new_samples(effort.calls);
    /* Keeps the server from starting and ending its subscription to deaths with each batch. */
    int holder = open_socket();

    server_ask(server, holder, 0);
    for (int done = 0; done < effort.calls; done += ADDRESSES_AT_A_TIME) {
        int left = effort.calls - done;
        make_batch(server, samples + done, left < ADDRESSES_AT_A_TIME ? left : ADDRESSES_AT_A_TIME);
    }
    close_all_and_await(&holder, 1, 1);
    finish_block(server, effort, samples);
}

/* A socket's whole life; the server hears of its death while the next one is served. */
void measure_cycles(const struct server *server, struct effort effort)
{
    uint64_t *samples = new_samples(effort.calls);
    int holder = open_socket();
    struct sockaddr_in6 local = {.sin6_family = AF_INET6, .sin6_addr = server_ask(server, holder, 0)};

    for (int index = 0; index < effort.calls; index++) {
        uint64_t start = nanoseconds_now();
        int socket = open_socket();
        server_ask(server, socket, 0);
        if (bind(socket, (struct sockaddr *)&local, sizeof local) < 0)
            err(1, "bind");
        close(socket);
        samples[index] = nanoseconds_now() - start;
    }
    close_all_and_await(&holder, 1, 1);
    finish_block(server, effort, samples);
}
