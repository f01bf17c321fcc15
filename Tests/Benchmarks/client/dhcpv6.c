#define _GNU_SOURCE
#include "dhcpv6.h"
#include "clock.h"

#include <arpa/inet.h>
#include <err.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

enum { CLIENT_PORT = 546, SERVER_PORT = 547, PATIENCE_MILLISECONDS = 5000, HEADER_SIZE = 4 };

struct message message_of(enum message_kind kind, uint32_t transaction)
{
    struct message message = {.size = HEADER_SIZE};
    uint32_t header = htonl((uint32_t)kind << 24 | (transaction & 0xffffff));
    memcpy(message.octets, &header, sizeof header);
    return message;
}

static void put(struct message *message, const void *octets, size_t size)
{
    if (message->size + size > sizeof message->octets)
        errx(1, "a DHCPv6 message is too long");
    if (size > 0)
        memcpy(message->octets + message->size, octets, size);
    message->size += size;
}

void put_option(struct message *message, enum option_code code, const void *body, uint16_t size)
{
    uint16_t header[] = {htons(code), htons(size)};
    put(message, header, sizeof header);
    put(message, body, size);
}

const uint8_t *option_in(const struct message *message, enum option_code code, uint16_t *size)
{
    uint16_t header[2];
    for (size_t place = HEADER_SIZE; place + sizeof header <= message->size; place += sizeof header + *size) {
        memcpy(header, message->octets + place, sizeof header);
        *size = ntohs(header[1]);
        if (place + sizeof header + *size > message->size)
            return NULL;
        if (ntohs(header[0]) == code)
            return message->octets + place + sizeof header;
    }
    return NULL;
}

static uint32_t uplink_index(void)
{
    uint32_t index = if_nametoindex("up0");
    if (index == 0)
        err(1, "up0");
    return index;
}

int client_open(void)
{
    struct sockaddr_in6 local = {.sin6_family = AF_INET6, .sin6_port = htons(CLIENT_PORT)};
    int client = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (client < 0 || bind(client, (struct sockaddr *)&local, sizeof local) < 0)
        err(1, "UDP port %d", CLIENT_PORT);
    return client;
}

static void await(int socket, const char *what)
{
    struct pollfd waiting = {socket, POLLIN, 0};
    if (poll(&waiting, 1, PATIENCE_MILLISECONDS) <= 0)
        errx(1, "%s: the server does not answer", what);
}

uint64_t client_exchange(int client, const struct message *question, struct message *reply)
{
    struct sockaddr_in6 servers = {
        .sin6_family = AF_INET6, .sin6_port = htons(SERVER_PORT), .sin6_scope_id = uplink_index()};
    inet_pton(AF_INET6, "ff02::1:2", &servers.sin6_addr);

    uint64_t start = nanoseconds_now();
    if (sendto(client, question->octets, question->size, 0, (struct sockaddr *)&servers, sizeof servers) < 0)
        err(1, "send to DHCPv6 servers");
    await(client, "exchange");
    ssize_t size = recv(client, reply->octets, sizeof reply->octets, 0);
    uint64_t taken = nanoseconds_now() - start;

    if (size < HEADER_SIZE || reply->octets[0] != REPLY || memcmp(reply->octets + 1, question->octets + 1, 3) != 0)
        errx(1, "the DHCPv6 server answers something else");
    reply->size = (size_t)size;
    return taken;
}

int replies_open(void)
{
    int replies = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP);
    if (replies < 0)
        err(1, "raw socket");
    return replies;
}

/* Reads one datagram; true if it is a Reply to a client. */
static bool is_reply(int replies, int flags)
{
    struct {
        struct udphdr header;
        uint8_t kind;
    } datagram;
    ssize_t size = recv(replies, &datagram, sizeof datagram, flags);
    return size >= (ssize_t)(sizeof datagram.header + 1) && datagram.header.dest == htons(CLIENT_PORT) &&
           datagram.kind == REPLY;
}

void replies_forget(int replies)
{
    char octet;
    while (recv(replies, &octet, sizeof octet, MSG_DONTWAIT) >= 0)
        continue;
}

void replies_await(int replies)
{
    do
        await(replies, "Release");
    while (!is_reply(replies, 0));
}
