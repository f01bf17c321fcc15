#include "sockets.h"

#include <err.h>
#include <stdlib.h>

enum { FIRST_CAPACITY = 1024 };

static struct tracked_socket *slots;
static uint32_t mask; /* capacity - 1; capacity is a power of two, and at most half of it is used */
static uint32_t used;

/* Cookies are consecutive numbers; this spreads them. */
static uint32_t home(uint64_t cookie)
{
    return (uint32_t)((cookie * 0x9E3779B97F4A7C15u) >> 32) & mask;
}

/* The slot of the cookie, or the free one where it would be. */
static uint32_t find(uint64_t cookie)
{
    uint32_t slot = home(cookie);
    while (slots[slot].cookie != 0 && slots[slot].cookie != cookie)
        slot = (slot + 1) & mask;
    return slot;
}

static void grow(void)
{
    struct tracked_socket *old = slots;
    uint32_t old_capacity = old ? mask + 1 : 0;
    uint32_t capacity = old ? old_capacity * 2 : FIRST_CAPACITY;

    slots = calloc(capacity, sizeof *slots);
    if (!slots)
        err(1, "calloc");
    mask = capacity - 1;
    for (uint32_t index = 0; index < old_capacity; index++)
        if (old[index].cookie != 0)
            slots[find(old[index].cookie)] = old[index];
    free(old);
}

struct tracked_socket *sockets_track(uint64_t cookie, bool *is_new)
{
    if (!slots || used * 2 > mask)
        grow();
    struct tracked_socket *entry = &slots[find(cookie)];
    *is_new = entry->cookie == 0;
    if (*is_new) {
        entry->cookie = cookie;
        used++;
    }
    return entry;
}

bool sockets_forget(uint64_t cookie, struct tracked_socket *forgotten)
{
    if (used == 0)
        return false;
    uint32_t hole = find(cookie);
    if (slots[hole].cookie == 0)
        return false;
    *forgotten = slots[hole];

    /* Close the gap: whoever was pushed past the hole moves back into it. */
    for (uint32_t next = (hole + 1) & mask; slots[next].cookie != 0; next = (next + 1) & mask) {
        uint32_t wanted = home(slots[next].cookie);
        if (((next - wanted) & mask) >= ((next - hole) & mask)) {
            slots[hole] = slots[next];
            hole = next;
        }
    }
    slots[hole].cookie = 0;
    used--;
    return true;
}

uint32_t sockets_count(void)
{
    return used;
}
