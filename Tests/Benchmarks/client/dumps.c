/* What the kernel itself takes to list its addresses and sockets: no server can start over faster. */
#include "clock.h"
#include "measures.h"

#include <err.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static int open_netlink(int protocol)
{
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    if (descriptor < 0)
        err(1, "netlink");
    return descriptor;
}

/* Reads a dump to its end, all of its octets; the number of messages. */
static long read_dump(int descriptor)
{
    static _Alignas(struct nlmsghdr) char buffer[32768];
    for (long count = 0;;) {
        ssize_t size = recv(descriptor, buffer, sizeof buffer, 0);
        if (size < 0)
            err(1, "dump");
        for (struct nlmsghdr *message = (void *)buffer; NLMSG_OK(message, size);
             message = NLMSG_NEXT(message, size), count++) {
            if (message->nlmsg_type == NLMSG_ERROR)
                errx(1, "the kernel refuses a dump");
            if (message->nlmsg_type == NLMSG_DONE)
                return count;
        }
    }
}

static long dump(int descriptor, const struct nlmsghdr *request)
{
    if (send(descriptor, request, request->nlmsg_len, 0) < 0)
        err(1, "dump");
    return read_dump(descriptor);
}

static long dump_addresses(void)
{
    struct {
        struct nlmsghdr header;
        struct ifaddrmsg address;
    } request = {{sizeof request, RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, 1, 0}, {.ifa_family = AF_INET6}};
    int descriptor = open_netlink(NETLINK_ROUTE);
    long count = dump(descriptor, &request.header);
    close(descriptor);
    return count;
}

/* Sockets of one transport that are bound to any address of ::/0. */
static long dump_sockets(uint8_t transport)
{
    enum {
        FILTER_OCTETS =
            sizeof(struct inet_diag_bc_op) + sizeof(struct inet_diag_hostcond) + sizeof(struct in6_addr)
    };
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 request;
        struct nlattr filter_header;
        struct inet_diag_bc_op condition;
        struct inet_diag_hostcond host;
        struct in6_addr address;
    } request = {
        .header = {sizeof request, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, 1, 0},
        .request = {AF_INET6, transport, 0, 0, UINT32_MAX, {0}},
        .filter_header = {NLA_HDRLEN + FILTER_OCTETS, INET_DIAG_REQ_BYTECODE},
        .condition = {INET_DIAG_BC_S_COND, FILTER_OCTETS, FILTER_OCTETS + 4},
        .host = {AF_INET6, 0, -1},
    };
    int descriptor = open_netlink(NETLINK_SOCK_DIAG);
    long count = dump(descriptor, &request.header);
    close(descriptor);
    return count;
}

void measure_dumps(const struct server *server, struct effort effort)
{
    uint64_t start = nanoseconds_now();
    long addresses = dump_addresses();
    uint64_t between = nanoseconds_now();
    long sockets = dump_sockets(IPPROTO_TCP) + dump_sockets(IPPROTO_UDP);
    uint64_t end = nanoseconds_now();

    if (!effort.is_warm_up)
        printf("{\"server\": \"%s\", \"addresses\": %ld, \"addresses_took\": %lu, \"sockets\": %ld,"
               " \"sockets_took\": %lu}\n",
               server->name, addresses, between - start, sockets, end - between);
}
