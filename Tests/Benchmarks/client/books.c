#include "books.h"

#include <err.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The administration socket is beside the setsc socket. */
static int connect_to_administration(const struct server *server)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char directory[sizeof address.sun_path];
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    strcpy(directory, server->address.sun_path);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/admin", dirname(directory));
    if (descriptor < 0 || connect(descriptor, (const void *)&address, sizeof address) < 0)
        err(1, "%s", address.sun_path);
    return descriptor;
}

/* One Varlink call; the reply is text that ends in a NUL octet. */
static void call(int connection, const char *method, char *reply, size_t size)
{
    char message[128];
    int length = snprintf(message, sizeof message, "{\"method\": \"org.odmd.Manager.%s\"}", method);
    size_t received = 0;

    if (send(connection, message, (size_t)length + 1, MSG_NOSIGNAL) < 0)
        err(1, "administration");
    do {
        ssize_t octets = recv(connection, reply + received, size - received, 0);
        if (octets <= 0)
            err(1, "administration");
        received += (size_t)octets;
    } while (reply[received - 1] != 0 && received < size);
    reply[size - 1] = 0;
}

long books_sockets(const struct server *server)
{
    static const char key[] = "\"sockets\":";
    char reply[4096];
    int connection = connect_to_administration(server);

    call(connection, "Status", reply, sizeof reply);
    close(connection);
    const char *found = strstr(reply, key);
    if (!found)
        errx(1, "%s: no status: %s", server->name, reply);
    return strtol(found + strlen(key), NULL, 10);
}
