/* Which socket keeps which address: SO_COOKIE → index of an address and number of a record, open addressing. */
#ifndef FLOOR_SOCKETS_H
#define FLOOR_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>

struct tracked_socket {
    uint64_t cookie; /* 0: the slot is free; the kernel gives out no such cookie */
    uint32_t address;
    uint32_t record;
};

/* The socket's slot, taken for it if it had none; *is_new says which. */
struct tracked_socket *sockets_track(uint64_t cookie, bool *is_new);

/* Forgets a socket. False if it was not ours; else *forgotten is what it kept. */
bool sockets_forget(uint64_t cookie, struct tracked_socket *forgotten);

uint32_t sockets_count(void);

#endif
