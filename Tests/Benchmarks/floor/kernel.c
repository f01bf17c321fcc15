#include "kernel.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_addr.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

enum {
    ADDRESS_PROTOCOL = 0xd0,               /* + type: IFA_PROTO of our addresses */
    DEATH_BUFFER_OCTETS = 64 << 20,        /* holds 100,000 deaths; the default holds 166 */
    NOTICE_BUFFER_OCTETS = 4 << 20,
};

static int open_netlink(int protocol)
{
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    if (descriptor < 0)
        err(1, "netlink");
    return descriptor;
}

static void set(int descriptor, int level, int name, int value)
{
    if (setsockopt(descriptor, level, name, &value, sizeof value) < 0)
        err(1, "setsockopt %d", name);
}

/* The one socket that asks rtnetlink, opened when it is first needed. */
static int route_socket(void)
{
    static int descriptor = -1;
    if (descriptor < 0) {
        descriptor = open_netlink(NETLINK_ROUTE);
        /* An acknowledgement need not repeat the request. */
        set(descriptor, SOL_NETLINK, NETLINK_CAP_ACK, 1);
    }
    return descriptor;
}

/* Sends a request to rtnetlink, which has acted and answered when send() returns. */
static int perform(struct nlmsghdr *request)
{
    static uint32_t sequence;
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
    } answer;

    request->nlmsg_seq = ++sequence;
    if (send(route_socket(), request, request->nlmsg_len, 0) < 0)
        return errno;
    do {
        if (recv(route_socket(), &answer, sizeof answer, 0) < 0)
            return errno;
    } while (answer.header.nlmsg_type != NLMSG_ERROR || answer.header.nlmsg_seq != sequence);
    return -answer.error.error;
}

/* RTM_NEWADDR with its attributes; RTM_DELADDR is the same without those after the address. */
struct address_message {
    struct nlmsghdr header;
    struct ifaddrmsg address;
    struct nlattr local_header;
    struct in6_addr local;
    struct nlattr flags_header;
    uint32_t flags;
    struct nlattr cache_header;
    struct ifa_cacheinfo cache;
    struct nlattr protocol_header;
    uint8_t protocol;
};

static struct address_message address_message(const struct in6_addr *address)
{
    static unsigned loopback;
    if (loopback == 0)
        loopback = if_nametoindex("lo");
    return (struct address_message){
        .address = {.ifa_family = AF_INET6, .ifa_prefixlen = 128, .ifa_index = loopback},
        .local_header = {NLA_HDRLEN + sizeof *address, IFA_LOCAL},
        .local = *address,
    };
}

int kernel_add_address(const struct in6_addr *address, uint8_t type)
{
    struct address_message message = address_message(address);
    message.header = (struct nlmsghdr){
        .nlmsg_len = sizeof message,
        .nlmsg_type = RTM_NEWADDR,
        .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
    };
    message.flags_header = (struct nlattr){NLA_HDRLEN + sizeof message.flags, IFA_FLAGS};
    message.flags = IFA_F_NODAD | IFA_F_NOPREFIXROUTE;
    message.cache_header = (struct nlattr){NLA_HDRLEN + sizeof message.cache, IFA_CACHEINFO};
    message.cache = (struct ifa_cacheinfo){.ifa_prefered = 0, .ifa_valid = UINT32_MAX};
    message.protocol_header = (struct nlattr){NLA_HDRLEN + sizeof message.protocol, IFA_PROTO};
    message.protocol = (uint8_t)(ADDRESS_PROTOCOL + type);
    return perform(&message.header);
}

int kernel_remove_address(const struct in6_addr *address)
{
    struct address_message message = address_message(address);
    message.header = (struct nlmsghdr){
        .nlmsg_len = offsetof(struct address_message, flags_header),
        .nlmsg_type = RTM_DELADDR,
        .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
    };
    return perform(&message.header);
}

/* A dump of one transport's sockets, filtered in the kernel by source address. */
struct diagnosis_request {
    struct nlmsghdr header;
    struct inet_diag_req_v2 request;
    struct nlattr filter_header;
    struct inet_diag_bc_op condition;
    struct inet_diag_hostcond host;
    struct in6_addr address;
};

/* Reads one dump to its end; true if it held a socket. */
static bool read_dump(int descriptor)
{
    static _Alignas(struct nlmsghdr) char buffer[32768];
    bool found = false;
    for (;;) {
        ssize_t size = recv(descriptor, buffer, sizeof buffer, 0);
        if (size < 0)
            err(1, "sock_diag");
        for (struct nlmsghdr *message = (void *)buffer; NLMSG_OK(message, size);
             message = NLMSG_NEXT(message, size)) {
            if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR)
                return found;
            found = true;
        }
    }
}

bool kernel_address_is_in_use(const struct in6_addr *address)
{
    static const uint8_t transports[] = {IPPROTO_TCP, IPPROTO_UDP};
    static int descriptor = -1;
    bool found = false;

    if (descriptor < 0)
        descriptor = open_netlink(NETLINK_SOCK_DIAG);
    for (int index = 0; index < 2; index++) {
        const uint8_t filter_octets = sizeof(struct inet_diag_bc_op) + sizeof(struct inet_diag_hostcond)
                                      + sizeof *address;
        struct diagnosis_request message = {
            .header = {sizeof message, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, 0, 0},
            .request = {AF_INET6, transports[index], 0, 0, UINT32_MAX, {0}},
            .filter_header = {NLA_HDRLEN + filter_octets, INET_DIAG_REQ_BYTECODE},
            /* A jump just past the end accepts, one four octets further refuses. */
            .condition = {INET_DIAG_BC_S_COND, filter_octets, filter_octets + 4},
            .host = {AF_INET6, 128, -1},
            .address = *address,
        };
        if (send(descriptor, &message, sizeof message, 0) < 0)
            err(1, "sock_diag");
        found |= read_dump(descriptor);
    }
    return found;
}

static int open_groups(int protocol, const int *groups, int count, int buffer_octets)
{
    int descriptor = open_netlink(protocol);
    struct sockaddr_nl address = {.nl_family = AF_NETLINK};
    /* Without a port of its own a socket is passed over when the kernel tells everybody. */
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) < 0)
        err(1, "bind netlink");
    set(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, buffer_octets);
    for (int index = 0; index < count; index++)
        set(descriptor, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, groups[index]);
    return descriptor;
}

int kernel_open_deaths(void)
{
    static const int groups[] = {SKNLGRP_INET6_TCP_DESTROY, SKNLGRP_INET6_UDP_DESTROY};
    return open_groups(NETLINK_SOCK_DIAG, groups, 2, DEATH_BUFFER_OCTETS);
}

void kernel_read_deaths(int deaths, int budget, void (*died)(uint64_t cookie))
{
    static _Alignas(struct nlmsghdr) char buffer[512];
    for (; budget > 0; budget--) {
        ssize_t size = recv(deaths, buffer, sizeof buffer, MSG_DONTWAIT);
        if (size < 0) {
            if (errno == ENOBUFS)
                warnx("deaths were lost");
            return;
        }
        const struct nlmsghdr *message = (const void *)buffer;
        const struct inet_diag_msg *socket = NLMSG_DATA(message);
        if (NLMSG_OK(message, size) && message->nlmsg_type == SOCK_DIAG_BY_FAMILY)
            died(socket->id.idiag_cookie[0] | (uint64_t)socket->id.idiag_cookie[1] << 32);
    }
}

/* Drops, before it costs a wake-up, what a daemon knows from having done it itself: new addresses and the
 * routes that the kernel keeps for them. */
static void attach_notice_filter(int descriptor)
{
    static struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_type)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 0), /* values: see below */
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    struct sock_fprog filter = {sizeof program / sizeof *program, program};

    /* A filter reads in network byte order what netlink writes in the host's. */
    program[1].k = htons(RTM_NEWADDR);
    program[2].k = htons(RTM_NEWROUTE);
    program[3].k = htons(RTM_DELROUTE);
    if (setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) < 0)
        err(1, "SO_ATTACH_FILTER");
}

int kernel_open_notices(void)
{
    static const int groups[] = {RTNLGRP_LINK, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV6_ROUTE};
    int descriptor = open_groups(NETLINK_ROUTE, groups, 3, NOTICE_BUFFER_OCTETS);
    attach_notice_filter(descriptor);
    return descriptor;
}

void kernel_read_notices(int notices, int budget)
{
    static char buffer[32768];
    while (budget-- > 0 && recv(notices, buffer, sizeof buffer, MSG_DONTWAIT) >= 0)
        continue;
}
