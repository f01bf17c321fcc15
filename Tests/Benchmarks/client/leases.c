/* What it takes to get a prefix that is not there yet from a DHCPv6 server: the exchange alone, and through a server
 * of setsc. Before the next round the prefix has been given back, so that each is a new lease. */
#define _GNU_SOURCE
#include "clock.h"
#include "dhcpv6.h"
#include "measures.h"

#include <arpa/inet.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The class that the DHCPv6 server knows Session-lasting by, behind the two octets of its length. */
static const char user_class[] = "\0\x13odm-session-lasting";

/* What all of them do after a round, so that none meets a server that is still busy with the one before. */
enum { REST_MICROSECONDS = 1000 };

/* A client that the server has not seen yet (DUID-UUID, RFC 6355). */
struct identity {
    uint16_t kind;
    uint8_t uuid[16];
} __attribute__((packed));

static struct identity new_identity(void)
{
    struct identity identity = {.kind = htons(4)};
    arc4random_buf(identity.uuid, sizeof identity.uuid);
    return identity;
}

static struct message question(enum message_kind kind, const struct identity *identity)
{
    uint16_t elapsed = 0;
    struct message message = message_of(kind, arc4random());
    put_option(&message, OPTION_CLIENT_ID, identity, sizeof *identity);
    put_option(&message, OPTION_ELAPSED_TIME, &elapsed, sizeof elapsed);
    put_option(&message, OPTION_USER_CLASS, user_class, sizeof user_class - 1);
    return message;
}

static struct message solicit(const struct identity *identity)
{
    uint32_t association[3] = {arc4random(), 0, 0}; /* IAID, T1, T2 */
    struct message message = question(SOLICIT, identity);
    put_option(&message, OPTION_RAPID_COMMIT, NULL, 0);
    put_option(&message, OPTION_IA_PD, association, sizeof association);
    return message;
}

static void copy_option(struct message *message, const struct message *from, enum option_code code)
{
    uint16_t size;
    const uint8_t *body = option_in(from, code, &size);
    if (!body)
        errx(1, "the Reply has no option %d", code);
    put_option(message, code, body, size);
}

/* Gives back what was committed. */
static struct message release(const struct identity *identity, const struct message *committed)
{
    struct message message = question(RELEASE, identity);
    copy_option(&message, committed, OPTION_SERVER_ID);
    copy_option(&message, committed, OPTION_IA_PD);
    return message;
}

/* One round trip: what a lease takes at least. */
static uint64_t exchange(int client)
{
    struct identity identity = new_identity();
    struct message asked = solicit(&identity), committed, released;
    uint64_t taken = client_exchange(client, &asked, &committed);
    struct message left = release(&identity, &committed);
    client_exchange(client, &left, &released);
    return taken;
}

void measure_solicits(const struct server *server, struct effort effort)
{
    uint64_t *samples = new_samples(effort.calls);
    int client = client_open();

    for (int index = 0; index < effort.calls; index++) {
        samples[index] = exchange(client);
        usleep(REST_MICROSECONDS);
    }
    close(client);
    finish_block(server, effort, samples);
}

/* A socket asks and binds, and is closed. */
static uint64_t lease(const struct server *server, int replies)
{
    struct sockaddr_in6 local = {.sin6_family = AF_INET6};
    int socket = open_socket();
    uint64_t start = nanoseconds_now();
    local.sin6_addr = server_ask(server, socket, 0);
    if (bind(socket, (struct sockaddr *)&local, sizeof local) < 0)
        err(1, "bind");
    uint64_t taken = nanoseconds_now() - start;

    replies_forget(replies);
    close(socket);
    replies_await(replies);
    return taken;
}

void measure_leases(const struct server *server, struct effort effort)
{
    uint64_t *samples = new_samples(effort.calls);
    int replies = replies_open();

    for (int index = 0; index < effort.calls; index++) {
        samples[index] = lease(server, replies);
        usleep(REST_MICROSECONDS);
    }
    close(replies);
    finish_block(server, effort, samples);
}
