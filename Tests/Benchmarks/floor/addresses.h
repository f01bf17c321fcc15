/* The addresses that sockets keep: made for the first of them, removed with the last. */
#ifndef FLOOR_ADDRESSES_H
#define FLOOR_ADDRESSES_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* The index of the address that everybody shares for the type, or, with on_net, of a new one. It is made if
 * need be, and kept once more. 0 or an errno. */
int addresses_keep(uint8_t type, bool on_net, uint32_t *index);

/* One socket less. */
void addresses_let_go(uint32_t index);

const struct in6_addr *addresses_at(uint32_t index);

#endif
