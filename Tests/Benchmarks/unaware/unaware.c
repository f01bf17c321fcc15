/* unaware CALLS WHAT ADDRESS - does one thing again and again, as a program would that knows nothing of odmd, or as one
 * that does (aware). Prints one line of JSON: the nanoseconds that it takes each time. ADDRESS is the host's own. */
#include "../client/clock.h"

#include <arpa/inet.h>
#include <err.h>
#include <odm/setsc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct sockaddr_in6 there = { .sin6_family = AF_INET6, .sin6_port = 0x0900 };
static const struct sockaddr_in6 loopback = { .sin6_family = AF_INET6, .sin6_port = 0x0900,
                                              .sin6_addr = IN6ADDR_LOOPBACK_INIT };
static int opened = -1;

static void connect_to(int file, const struct sockaddr_in6 *address)
{
    if (connect(file, (const struct sockaddr *)address, sizeof *address) != 0)
        err(1, "connect");
}

static void new_socket(void)
{
    opened = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (opened < 0)
        err(1, "socket");
}

static void aware(void)
{
    struct sockaddr_in6 source = { .sin6_family = AF_INET6 };
    new_socket();
    if (setsc(opened, &source.sin6_addr, SESSION_LASTING_IPV6_ADDRESS) != 0)
        err(1, "setsc");
    if (bind(opened, (struct sockaddr *)&source, sizeof source) != 0)
        err(1, "bind");
    connect_to(opened, &there);
    close(opened);
}

static void unaware(void)
{
    new_socket();
    connect_to(opened, &there);
    close(opened);
}

/* Is none of the library's business. */
static void to_loopback(void) { connect_to(opened, &loopback); }

static void open_and_close(void)
{
    new_socket();
    close(opened);
}

/* Of a socket that has its address. */
static void datagram(void)
{
    if (sendto(opened, "", 0, 0, (struct sockaddr *)&there, sizeof there) != 0)
        err(1, "sendto");
}

/* The library has nothing to give it, and has seen that at the first datagram. */
static void bound_socket(void)
{
    struct sockaddr_in6 here = { .sin6_family = AF_INET6, .sin6_addr = there.sin6_addr };
    new_socket();
    if (bind(opened, (struct sockaddr *)&here, sizeof here) != 0)
        err(1, "bind");
}

static void nothing(void) {}

static const struct { const char *name; void (*prepare)(void), (*work)(void); } works[] = {
    { "aware", nothing, aware },
    { "unaware", nothing, unaware },
    { "to-loopback", new_socket, to_loopback },
    { "open-and-close", nothing, open_and_close },
    { "datagram", bound_socket, datagram },
};

static double nanoseconds_each(void (*work)(void), int calls)
{
    uint64_t start = nanoseconds_now();
    for (int call = 0; call < calls; call++)
        work();
    return (double)(nanoseconds_now() - start) / calls;
}

int main(int count, char **arguments)
{
    int calls = count == 4 ? atoi(arguments[1]) : 0;
    if (calls < 1 || inet_pton(AF_INET6, arguments[3], &there.sin6_addr) != 1)
        errx(64, "usage: unaware CALLS WHAT ADDRESS");
    /* Somebody to send to, who does not listen. */
    int sink = socket(AF_INET6, SOCK_DGRAM, 0), least = 0;
    setsockopt(sink, SOL_SOCKET, SO_RCVBUF, &least, sizeof least);
    if (bind(sink, (struct sockaddr *)&there, sizeof there) != 0)
        err(1, "bind");
    for (unsigned i = 0; i < sizeof works / sizeof *works; i++) {
        if (strcmp(works[i].name, arguments[2]) != 0)
            continue;
        works[i].prepare();
        nanoseconds_each(works[i].work, calls / 10 + 1);
        printf("{\"nanoseconds\": %.1f}\n", nanoseconds_each(works[i].work, calls));
        return 0;
    }
    errx(64, "no such work");
}
