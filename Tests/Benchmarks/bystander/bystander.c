/* bystander CALLS - a program that has nothing to do with odmd, and opens and closes sockets.
 *
 * Prints one line of JSON: the nanoseconds that socket() and close() of AF_INET6 take together, by protocol. */
#include "../client/clock.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static double nanoseconds_each(int type, int calls)
{
    uint64_t start = nanoseconds_now();
    for (int call = 0; call < calls; call++) {
        int opened = socket(AF_INET6, type | SOCK_CLOEXEC, 0);
        if (opened < 0)
            err(1, "socket");
        close(opened);
    }
    return (double)(nanoseconds_now() - start) / calls;
}

int main(int count, char **arguments)
{
    int calls = count == 2 ? atoi(arguments[1]) : 0;
    if (calls < 1)
        errx(64, "usage: bystander CALLS");
    nanoseconds_each(SOCK_DGRAM, calls / 10 + 1);
    double udp = nanoseconds_each(SOCK_DGRAM, calls);
    double tcp = nanoseconds_each(SOCK_STREAM, calls);
    printf("{\"udp\": %.1f, \"tcp\": %.1f}\n", udp, tcp);
}
