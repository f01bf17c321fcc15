/* session TYPE [on-net | watch] - what a program does with <odm/setsc.h>: asks for an address, binds to it, says
 * it and what getsc() says, or the status and errno that it got. With "watch" it then says what becomes of it. */
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

static const char *change_name(int what)
{
    switch (what) {
    case ODM_EVENT_DEPRECATED: return "deprecated";
    case ODM_EVENT_REPLACED: return "replaced";
    case ODM_EVENT_REMOVED: return "removed";
    case ODM_EVENT_RESTORED: return "restored";
    default: return "something-else";
    }
}

/* Says that it watches, each event on a line, and in the end why there are no more. */
static int tell(int fd)
{
    struct odm_event event;
    char address[INET6_ADDRSTRLEN], replacement[INET6_ADDRSTRLEN];
    int watch = odm_watch(fd), status = watch;

    if (watch >= 0) {
        puts("watching");
        fflush(stdout);
    }
    while (status >= 0 && (status = odm_next_event(watch, &event)) == 0) {
        printf("%s %s %s\n", change_name(event.what), inet_ntop(AF_INET6, &event.address, address, sizeof address),
               inet_ntop(AF_INET6, &event.replacement, replacement, sizeof replacement));
        fflush(stdout);
    }
    printf("%s %s\n", status_name(status), strerrorname_np(errno));
    return 0;
}

int main(int argc, char **argv)
{
    struct sockaddr_in6 source = { .sin6_family = AF_INET6 };
    struct in6_addr again;
    sc_type type = 0;
    char text[INET6_ADDRSTRLEN];
    int fd = socket(AF_INET6, SOCK_STREAM, 0);

    int watches = argc > 2 && strcmp(argv[2], "watch") == 0;
    if (argc > 2 && !watches)
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
    if (watches)
        return tell(fd);
    return read(STDIN_FILENO, text, 1) < 0;
}
