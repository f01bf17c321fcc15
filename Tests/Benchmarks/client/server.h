/* A server that speaks the frames of the setsc socket, and how to ask it. */
#ifndef CLIENT_SERVER_H
#define CLIENT_SERVER_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>

/* What requests ask for: Session-lasting, and Non-persistent where sockets are to keep another address. */
enum { BENCH_TYPE = 2, STAYING_TYPE = 3 };

struct server {
    const char *name;
    pid_t process;
    int namespace; /* descriptor of the network namespace that it serves */
    struct sockaddr_un address;
};

/* Reads NAME=PROCESS:SOCKET. */
struct server server_named(char *text);

/* From here on, sockets of this process are made where the server can serve them. */
void server_enter(const struct server *server);

/* A new UDP socket over IPv6. */
int open_socket(void);

/* One request as libodm makes it: connect, send with the socket, receive, close. Ends the program if the
 * server refuses: a refusal is not to be timed. */
struct in6_addr server_ask(const struct server *server, int socket, uint16_t flags);
struct in6_addr server_ask_for(const struct server *server, int socket, uint8_t type, uint16_t flags);

#endif
