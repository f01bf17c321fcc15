#include "removals.h"
#include "clock.h"

#include <err.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MILLISECONDS = 20000 };

int removals_open(void)
{
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_IPV6_IFADDR};
    if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&address, sizeof address) < 0)
        err(1, "netlink");
    return descriptor;
}

bool removals_await_one(int removals, int milliseconds)
{
    static _Alignas(struct nlmsghdr) char buffer[8192];
    uint64_t end = nanoseconds_now() + (uint64_t)milliseconds * 1000000;
    struct pollfd waiting = {removals, POLLIN, 0};

    for (;;) {
        uint64_t now = nanoseconds_now();
        int left = now < end ? (int)((end - now + 999999) / 1000000) : 0;
        if (poll(&waiting, 1, left) <= 0)
            return false;
        if (recv(removals, buffer, sizeof buffer, 0) < 0)
            err(1, "notices of addresses");
        if (((const struct nlmsghdr *)buffer)->nlmsg_type == RTM_DELADDR)
            return true;
    }
}

void close_all_and_await(const int *sockets, int count, int addresses)
{
    int removals = removals_open();
    for (int index = 0; index < count; index++)
        close(sockets[index]);
    for (; addresses > 0; addresses--)
        if (!removals_await_one(removals, PATIENCE_MILLISECONDS))
            errx(1, "an address was not removed after its last socket");
    close(removals);
}
