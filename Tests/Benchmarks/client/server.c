#define _GNU_SOURCE
#include "server.h"
#include "../frame.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct server server_named(char *text)
{
    struct server server = {.name = strsep(&text, "="), .address.sun_family = AF_UNIX};
    char *process = strsep(&text, ":");
    char path[64];

    if (!text || strlen(text) >= sizeof server.address.sun_path)
        errx(64, "a server is NAME=PROCESS:SOCKET");
    strcpy(server.address.sun_path, text);
    server.process = atoi(process);
    snprintf(path, sizeof path, "/proc/%d/ns/net", server.process);
    server.namespace = open(path, O_RDONLY | O_CLOEXEC);
    if (server.namespace < 0)
        err(1, "%s", path);
    return server;
}

void server_enter(const struct server *server)
{
    if (setns(server->namespace, CLONE_NEWNET) < 0)
        err(1, "setns");
}

int open_socket(void)
{
    int descriptor = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        err(1, "socket");
    return descriptor;
}

static int connect_to(const struct server *server)
{
    int descriptor = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (descriptor < 0 || connect(descriptor, (const void *)&server->address, sizeof server->address) < 0)
        err(1, "%s", server->address.sun_path);
    return descriptor;
}

static void send_request(int connection, int socket, uint8_t type, uint16_t flags)
{
    struct request request = {
        .signature = "odm",
        .version = FRAME_VERSION,
        .operation = OPERATION_SETSC,
        .type = type,
        .flags = htons(flags),
    };
    union {
        struct cmsghdr header;
        char octets[CMSG_SPACE(sizeof socket)];
    } control = {.header = {CMSG_LEN(sizeof socket), SOL_SOCKET, SCM_RIGHTS}};
    struct iovec vector = {&request, sizeof request};
    struct msghdr message = {
        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};

    memcpy(CMSG_DATA(&control.header), &socket, sizeof socket);
    if (sendmsg(connection, &message, MSG_NOSIGNAL) < 0)
        err(1, "sendmsg");
}

struct in6_addr server_ask(const struct server *server, int socket, uint16_t flags)
{
    return server_ask_for(server, socket, BENCH_TYPE, flags);
}

struct in6_addr server_ask_for(const struct server *server, int socket, uint8_t type, uint16_t flags)
{
    struct reply reply;
    int connection = connect_to(server);
    send_request(connection, socket, type, flags);
    ssize_t size = recv(connection, &reply, sizeof reply, 0);
    close(connection);
    if (size != sizeof reply || memcmp(reply.signature, "odm", 3) != 0)
        errx(1, "%s: answered no frame", server->name);
    if (reply.status != STATUS_GRANTED)
        errx(1, "%s: refused: %s", server->name, strerror((int)ntohl(reply.error)));
    return reply.address;
}
