/* session TYPE [on-net] - what a program does with <odm/setsc.h>: asks for an address, binds to it, says
 * it and what getsc() says, or the status and errno that it got. */
#include <arpa/inet.h>
#include <errno.h>
#include <odm/setsc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *status_name(int status)
{
    switch (status) {
    case EAI_REQUIREDIPNOTSUPPORTED: return "EAI_REQUIREDIPNOTSUPPORTED";
    case EAI_REQUIREDIPFAILED: return "EAI_REQUIREDIPFAILED";
    case EAI_SYSTEM: return "EAI_SYSTEM";
    default: return "another status";
    }
}

static void want_new_prefix(int fd)
{
    int preferences = 0;
    socklen_t size = sizeof preferences;

    if (getsockopt(fd, IPPROTO_IPV6, 72 /* IPV6_ADDR_PREFERENCES */, &preferences, &size) != 0)
        perror("getsockopt");
    preferences |= IPV6_REQUIRE_SRC_ON_NET;
    if (setsockopt(fd, IPPROTO_IPV6, 72, &preferences, size) != 0)
        perror("setsockopt");
}

int main(int argc, char **argv)
{
    struct sockaddr_in6 source = { .sin6_family = AF_INET6 };
    struct in6_addr again;
    sc_type type = 0;
    char text[INET6_ADDRSTRLEN];
    int fd = socket(AF_INET6, SOCK_STREAM, 0);

    if (argc > 2)
        want_new_prefix(fd);
    int status = setsc(fd, &source.sin6_addr, (sc_type)atoi(argv[1]));
    if (status != 0) {
        printf("%s %s\n", status_name(status), strerrorname_np(errno));
        return 1;
    }
    if (bind(fd, (struct sockaddr *)&source, sizeof source) != 0)
        return perror("bind"), 2;
    if (getsc(fd, &again, &type) != 0 || memcmp(&again, &source.sin6_addr, sizeof again) != 0)
        return 3;
    printf("%s %d\n", inet_ntop(AF_INET6, &source.sin6_addr, text, sizeof text), type);
    fflush(stdout);
    return read(STDIN_FILENO, text, 1) < 0;
}
