/* Waiting for the kernel to lose an address: the one sign, the same for every server, that a server has
 * noticed the end of every socket that kept it. */
#ifndef CLIENT_REMOVALS_H
#define CLIENT_REMOVALS_H

#include <netinet/in.h>
#include <stdbool.h>

/* A subscription to changes of addresses; to be opened before that which ends in the removal is done. */
int removals_open(void);

/* Waits up to `milliseconds` for the removal; false if it was not seen. */
bool removals_await(int removals, const struct in6_addr *address, int milliseconds);

/* Closes sockets and waits until `address`, which they kept, is gone. */
void close_all_and_await(int *sockets, int count, const struct in6_addr *address);

#endif
