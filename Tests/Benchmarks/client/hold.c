/* Sockets that outlive the server: they are there while it ends and another one starts. */
#include "crowd.h"
#include "measures.h"

#include <err.h>
#include <stdio.h>
#include <unistd.h>

void measure_hold(const struct server *server, struct effort effort)
{
    char octet;
    struct crowd crowd = crowd_gather(server, (struct crowd_plan){
                                                  .sockets = effort.calls,
                                                  .users = effort.users,
                                                  .bound = effort.mixed ? HALF_BOUND : ALL_BOUND,
                                              });
    printf("{\"server\": \"%s\", \"sockets\": %d}\n", server->name, effort.calls);
    fflush(stdout);
    if (read(STDIN_FILENO, &octet, 1) < 0)
        err(1, "stdin");
    crowd_end(&crowd);
}
