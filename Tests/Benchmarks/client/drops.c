#include "drops.h"

#include <err.h>
#include <linux/netlink.h>
#include <stdio.h>

long dropped_deaths(const struct server *server)
{
    char path[64], line[256];
    long dropped = 0, drops;
    int protocol;

    snprintf(path, sizeof path, "/proc/%d/net/netlink", server->process);
    FILE *file = fopen(path, "r");
    if (!file)
        err(1, "%s", path);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "%*s %d %*d %*x %*d %*d %*d %*d %ld", &protocol, &drops) == 2)
            dropped += protocol == NETLINK_SOCK_DIAG ? drops : 0;
    fclose(file);
    return dropped;
}
