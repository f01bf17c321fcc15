#ifndef CLIENT_DROPS_H
#define CLIENT_DROPS_H

#include "server.h"

/* Deaths that the kernel could not tell the server's sockets that are open now, for want of room. */
long dropped_deaths(const struct server *server);

#endif
