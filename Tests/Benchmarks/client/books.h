#ifndef CLIENT_BOOKS_H
#define CLIENT_BOOKS_H

#include "server.h"

/* How many sockets the server believes to be open, as its administrators are told. */
long books_sockets(const struct server *server);

#endif
