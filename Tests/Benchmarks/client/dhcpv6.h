/* As much of DHCPv6 (RFC 8415) as it takes to get a prefix and to give it back. */
#ifndef CLIENT_DHCPV6_H
#define CLIENT_DHCPV6_H

#include <stddef.h>
#include <stdint.h>

enum message_kind { SOLICIT = 1, REPLY = 7, RELEASE = 8 };

enum option_code {
    OPTION_CLIENT_ID = 1,
    OPTION_SERVER_ID = 2,
    OPTION_ELAPSED_TIME = 8,
    OPTION_RAPID_COMMIT = 14,
    OPTION_USER_CLASS = 15,
    OPTION_IA_PD = 25,
    OPTION_IA_PREFIX = 26,
};

struct message {
    size_t size;
    uint8_t octets[1024];
};

/* A message of this kind in a transaction (24 bits), without options yet. */
struct message message_of(enum message_kind kind, uint32_t transaction);

void put_option(struct message *message, enum option_code code, const void *body, uint16_t size);

/* The body of the first option of this code; NULL if there is none. */
const uint8_t *option_in(const struct message *message, enum option_code code, uint16_t *size);

/* A client's socket on the interface `up0` of the namespace that this process is in, connected to nobody. */
int client_open(void);

/* Sends to all servers on the link, and waits for the Reply to it; the time that this took, in nanoseconds. Ends the
 * program if there is no answer. */
uint64_t client_exchange(int client, const struct message *question, struct message *reply);

/* Hears the Replies to other clients in the namespace, too. */
int replies_open(void);

/* Forgets those that have come. */
void replies_forget(int replies);

/* Waits for the next; ends the program if none comes. */
void replies_await(int replies);

#endif
