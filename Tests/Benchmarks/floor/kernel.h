/* What the floor asks of the kernel besides the requests themselves. Raw netlink, no library. */
#ifndef FLOOR_KERNEL_H
#define FLOOR_KERNEL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* Puts an address on lo, or takes it away; 0 or an errno. */
int kernel_add_address(const struct in6_addr *address, uint8_t type);
int kernel_remove_address(const struct in6_addr *address);

/* True if a TCP or UDP socket has the address as its own: a child of accept(), or one bound by hand. */
bool kernel_address_is_in_use(const struct in6_addr *address);

/* Subscribes to the ends of TCP and UDP sockets over IPv6; a descriptor to poll. */
int kernel_open_deaths(void);

/* Reads up to `budget` messages without waiting and calls `died` for each socket. */
void kernel_read_deaths(int deaths, int budget, void (*died)(uint64_t cookie));

/* Subscribes to what a daemon must notice of links, addresses and routes; a descriptor to poll. */
int kernel_open_notices(void);
void kernel_read_notices(int notices, int budget);

#endif
