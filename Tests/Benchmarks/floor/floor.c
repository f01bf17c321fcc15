/* The least that a setsc daemon can cost: the system calls of its work, in C, and nothing else.
 *
 *     floor SOCKET
 *
 * One thread, one epoll set. A request is answered with the address of its type, or, with ON_NET, with
 * one from a prefix of its own; an address is made for its first socket and removed with its last. Deaths
 * of sockets are subscribed to while any socket is tracked, as a daemon must that taxes nobody else. What
 * was granted is written to a file beside SOCKET before the reply and taken out of it at the socket's death.
 * Notices of links, addresses and routes are subscribed to and read, because no daemon can do without them.
 *
 * Left out is what a daemon is for: policy, linger, deadlines, bounds, restarts, administration. */
#define _GNU_SOURCE
#include "../frame.h"
#include "addresses.h"
#include "kernel.h"
#include "records.h"
#include "sockets.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    BACKLOG = 4096,
    EVENTS_PER_WAKE_UP = 64,
    MESSAGES_PER_WAKE_UP = 64, /* of netlink, before clients have their turn */
};

static int poll_set, listener, deaths = -1, notices = -1;
static uint64_t own_namespace;

static void watch(int descriptor)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    if (epoll_ctl(poll_set, EPOLL_CTL_ADD, descriptor, &event) < 0)
        err(1, "epoll_ctl");
}

/* ---- sockets ---- */

/* A new socket's address and record; 0 or an errno. */
static int keep(struct tracked_socket *socket, struct record *record, bool on_net)
{
    int error = addresses_keep(record->type, on_net, &socket->address);
    if (error != 0)
        return error;
    record->address = *addresses_at(socket->address);
    error = records_keep(record, &socket->record);
    if (error != 0)
        addresses_let_go(socket->address);
    return error;
}

/* Makes the socket keep an address, if it has none, and completes the record of it; 0 or an errno. */
static int grant(struct record *record, bool on_net)
{
    bool is_new;
    if (sockets_count() == 0) {
        deaths = kernel_open_deaths();
        watch(deaths);
    }
    struct tracked_socket *socket = sockets_track(record->cookie, &is_new), forgotten;
    if (!is_new) {
        record->address = *addresses_at(socket->address);
        return 0;
    }
    int error = keep(socket, record, on_net);
    if (error != 0)
        sockets_forget(record->cookie, &forgotten);
    return error;
}

static void socket_died(uint64_t cookie)
{
    struct tracked_socket socket;
    if (!sockets_forget(cookie, &socket))
        return;
    records_erase(socket.record);
    addresses_let_go(socket.address);
}

static void read_deaths(void)
{
    kernel_read_deaths(deaths, MESSAGES_PER_WAKE_UP, socket_died);
    if (sockets_count() == 0) {
        close(deaths);
        deaths = -1;
    }
}

/* ---- requests ---- */

/* Receives a request and the descriptor that came with it, or -1; returns the octets received, or -1. */
static ssize_t receive(int client, struct request *request, int *descriptor)
{
    union {
        struct cmsghdr header;
        char octets[CMSG_SPACE(2 * sizeof(int))];
    } control;
    struct iovec vector = {request, sizeof *request};
    struct msghdr message = {
        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};

    *descriptor = -1;
    ssize_t size = recvmsg(client, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    struct cmsghdr *rights = size > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (rights && rights->cmsg_type == SCM_RIGHTS)
        memcpy(descriptor, CMSG_DATA(rights), sizeof *descriptor);
    return size;
}

static bool read_option(int descriptor, int name, void *value, socklen_t size)
{
    return getsockopt(descriptor, SOL_SOCKET, name, value, &size) == 0;
}

/* What a daemon must know of the client and of its socket. */
static int identify(int client, int descriptor, struct record *record)
{
    struct ucred peer;
    struct stat status;
    int domain, type, protocol;
    uint64_t namespace;

    if (!read_option(client, SO_PEERCRED, &peer, sizeof peer)
        || !read_option(descriptor, SO_DOMAIN, &domain, sizeof domain)
        || !read_option(descriptor, SO_TYPE, &type, sizeof type)
        || !read_option(descriptor, SO_PROTOCOL, &protocol, sizeof protocol)
        || !read_option(descriptor, SO_COOKIE, &record->cookie, sizeof record->cookie)
        || !read_option(descriptor, SO_NETNS_COOKIE, &namespace, sizeof namespace)
        || fstat(descriptor, &status) < 0)
        return errno;
    record->inode = status.st_ino;
    record->user = peer.uid;
    record->process = peer.pid;
    if (domain != AF_INET6)
        return EAFNOSUPPORT;
    return namespace == own_namespace ? 0 : EXDEV;
}

/* Answers one request, closing the socket that came with it: 0 or an errno. */
static int answer(int client, ssize_t size, const struct request *request, int descriptor,
                  struct in6_addr *granted)
{
    struct record record = {.type = request->type};
    bool is_good = size == sizeof *request && memcmp(request->signature, "odm", 3) == 0
                   && request->version == FRAME_VERSION && request->operation == OPERATION_SETSC
                   && request->type > 0 && request->type < CONTINUITY_TYPES;
    int error = is_good ? identify(client, descriptor, &record) : EBADMSG;
    if (error == 0)
        error = grant(&record, request->flags & htons(FLAG_ON_NET));
    /* Not earlier: as long as we hold it, it cannot die before its deaths are subscribed to. */
    if (descriptor >= 0)
        close(descriptor);
    *granted = record.address;
    return error;
}

/* Serves a client that may have sent its request. */
static void serve(int client, bool is_watched)
{
    struct request request;
    int descriptor;
    ssize_t size = receive(client, &request, &descriptor);
    if (size < 0 && errno == EAGAIN) {
        if (!is_watched)
            watch(client);
        return;
    }
    if (size > 0) {
        struct in6_addr granted;
        int error = answer(client, size, &request, descriptor, &granted);
        struct reply reply = {
            .signature = "odm", .version = FRAME_VERSION, .operation = request.operation | OPERATION_REPLY};
        if (error == 0) {
            reply.type = request.type;
            reply.address = granted;
        } else {
            reply.status = STATUS_FAILED;
            reply.error = htonl((uint32_t)error);
        }
        send(client, &reply, sizeof reply, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    close(client);
}

/* ---- the program ---- */

static struct sockaddr_un local_address(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        errx(64, "%s: too long", path);
    strcpy(address.sun_path, path);
    return address;
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = local_address(path);
    int descriptor = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    unlink(path);
    if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&address, sizeof address) < 0
        || listen(descriptor, BACKLOG) < 0)
        err(1, "%s", path);
    return descriptor;
}

/* sd_notify(3). */
static void say_ready(void)
{
    const char *path = getenv("NOTIFY_SOCKET");
    if (!path)
        return;
    struct sockaddr_un address = local_address(path);
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (sendto(descriptor, "READY=1", 7, 0, (struct sockaddr *)&address, sizeof address) < 0)
        err(1, "%s", path);
    close(descriptor);
}

static void run(void)
{
    struct epoll_event events[EVENTS_PER_WAKE_UP];
    for (;;) {
        int count = epoll_wait(poll_set, events, EVENTS_PER_WAKE_UP, -1);
        for (int index = 0; index < count; index++) {
            int descriptor = events[index].data.fd;
            if (descriptor == listener) {
                int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
                if (client >= 0)
                    serve(client, false);
            } else if (descriptor == deaths) {
                read_deaths();
            } else if (descriptor == notices) {
                kernel_read_notices(notices, MESSAGES_PER_WAKE_UP);
            } else {
                serve(descriptor, true);
            }
        }
    }
}

int main(int count, char **arguments)
{
    if (count != 2)
        errx(64, "usage: floor SOCKET");
    if ((poll_set = epoll_create1(EPOLL_CLOEXEC)) < 0)
        err(1, "epoll_create1");
    listener = listen_at(arguments[1]);
    watch(listener);
    records_open(arguments[1]);
    if (!read_option(listener, SO_NETNS_COOKIE, &own_namespace, sizeof own_namespace))
        err(1, "SO_NETNS_COOKIE");
    watch(notices = kernel_open_notices());
    say_ready();
    run();
}
