/* Waiting for the kernel to lose addresses: the one sign, the same for every server, that it has noticed the
 * end of every socket that kept them. The namespace is the server's alone, so every removal is its. */
#ifndef CLIENT_REMOVALS_H
#define CLIENT_REMOVALS_H

#include <stdbool.h>

/* A subscription to changes of addresses; to be opened before that which ends in the removal is done. */
int removals_open(void);

/* Waits up to `milliseconds` for the next removal; false if there was none. */
bool removals_await_one(int removals, int milliseconds);

/* Closes sockets and waits until as many addresses as only they kept are gone. */
void close_all_and_await(const int *sockets, int count, int addresses);

#endif
