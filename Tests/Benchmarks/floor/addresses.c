#include "addresses.h"
#include "../frame.h"
#include "kernel.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

enum { MOST_ADDRESSES = 1024 };

struct address {
    struct in6_addr address;
    uint32_t sockets;  /* that keep it; 0: the entry is free */
    uint8_t shared_as; /* the type that everybody shares it as; 0: it has one owner */
};

static struct address addresses[MOST_ADDRESSES];
static struct address *shared[CONTINUITY_TYPES]; /* type → the shared address, if there is one */

/* A prefix that was not used before, fd00:be:efxx::/64 counted up, and a random interface identifier. */
static struct in6_addr next_address(void)
{
    static uint32_t prefix;
    static uint64_t state;
    struct in6_addr address = {.s6_addr = {0xfd, 0x00, 0x00, 0xbe}};

    if (state == 0 && getrandom(&state, sizeof state, 0) < 0)
        err(1, "getrandom");
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    uint32_t number = htonl(0xef000000u + (++prefix & 0xffffffu));
    memcpy(&address.s6_addr[4], &number, sizeof number);
    memcpy(&address.s6_addr[8], &state, sizeof state);
    return address;
}

/* A free entry; the search goes on where the last one ended. */
static struct address *free_entry(void)
{
    static uint32_t last;
    for (uint32_t tries = 0; tries < MOST_ADDRESSES; tries++) {
        last = (last + 1) % MOST_ADDRESSES;
        if (addresses[last].sockets == 0)
            return &addresses[last];
    }
    return NULL;
}

static int make(uint8_t type, bool on_net, struct address **made)
{
    struct address *entry = free_entry();
    if (!entry)
        return EADDRNOTAVAIL;
    *entry = (struct address){.address = next_address(), .shared_as = on_net ? 0 : type};
    int error = kernel_add_address(&entry->address, type);
    if (error != 0)
        return error;
    if (!on_net)
        shared[type] = entry;
    *made = entry;
    return 0;
}

int addresses_keep(uint8_t type, bool on_net, uint32_t *index)
{
    struct address *entry = on_net ? NULL : shared[type];
    int error = entry ? 0 : make(type, on_net, &entry);
    if (error != 0)
        return error;
    entry->sockets++;
    *index = (uint32_t)(entry - addresses);
    return 0;
}

void addresses_let_go(uint32_t index)
{
    struct address *entry = &addresses[index];
    if (--entry->sockets > 0)
        return;
    if (entry->shared_as != 0)
        shared[entry->shared_as] = NULL;
    if (kernel_address_is_in_use(&entry->address))
        warnx("an address stays: a socket that was not tracked is bound to it");
    else if (kernel_remove_address(&entry->address) != 0)
        warnx("an address was removed by somebody else");
}

const struct in6_addr *addresses_at(uint32_t index)
{
    return &addresses[index].address;
}
