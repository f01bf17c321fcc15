/* Requests to odmd, many in little time:
 *
 *     setsc_load ask SOCKET LEAST [MADE]
 *         One after the other, each for a new socket, until there were LEAST and standard input has ended; one in
 *         MADE has an address made for it. Writes "enough" when there were LEAST, and at the end an object of JSON.
 *     setsc_load flood SOCKET PROCESSES
 *         By so many processes that never read an answer, until it is killed. Each closes every other connection at
 *         once, and keeps a few of the rest for a while.
 */
#define _GNU_SOURCE
#include "../Benchmarks/frame.h"

#include <arpa/inet.h>
#include <err.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SESSION_LASTING = 2, KEPT = 8, MOST = 1000000 };

static struct sockaddr_un server = {.sun_family = AF_UNIX};

static double microseconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int open_socket(void)
{
    int descriptor = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        err(1, "socket");
    return descriptor;
}

/* The connection, with the request on its way; -1 if the server has hung up already. */
static int begin(int socket_of_ours, uint16_t flags)
{
    struct request request = {
        .signature = "odm",
        .version = FRAME_VERSION,
        .operation = OPERATION_SETSC,
        .type = SESSION_LASTING,
        .flags = htons(flags),
    };
    union {
        struct cmsghdr header;
        char octets[CMSG_SPACE(sizeof socket_of_ours)];
    } control = {.header = {CMSG_LEN(sizeof socket_of_ours), SOL_SOCKET, SCM_RIGHTS}};
    struct iovec vector = {&request, sizeof request};
    struct msghdr message = {
        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    int connection = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

    memcpy(CMSG_DATA(&control.header), &socket_of_ours, sizeof socket_of_ours);
    if (connection < 0 || connect(connection, (const void *)&server, sizeof server) < 0)
        err(1, "%s", server.sun_path);
    if (sendmsg(connection, &message, MSG_NOSIGNAL) == sizeof request)
        return connection;
    close(connection);
    return -1;
}

static void ask(uint16_t flags)
{
    struct reply reply;
    int socket_of_ours = open_socket();
    int connection = begin(socket_of_ours, flags);

    if (connection < 0 || recv(connection, &reply, sizeof reply, 0) != sizeof reply)
        errx(1, "no answer");
    if (reply.status != STATUS_GRANTED)
        errx(1, "refused: %s", strerror((int)ntohl(reply.error)));
    close(connection);
    close(socket_of_ours);
}

static bool has_input_ended(void)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&input, 1, 0) > 0;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void ask_often(int least, int made)
{
    double *waits = calloc(MOST, sizeof *waits);
    int count = 0;

    while (count < least || !has_input_ended()) {
        uint16_t flags = made && count % made == 0 ? FLAG_ON_NET : 0;
        double began = microseconds_now();
        ask(flags);
        if (count < MOST)
            waits[count] = microseconds_now() - began;
        if (++count == least)
            puts("enough"), fflush(stdout);
    }
    int timed = count < MOST ? count : MOST;
    qsort(waits, (size_t)timed, sizeof *waits, compare);
    printf("{\"count\": %d, \"p50\": %.1f, \"p90\": %.1f, \"p99\": %.1f, \"longest\": %.1f}\n", count,
           waits[timed / 2], waits[timed * 9 / 10], waits[timed * 99 / 100], waits[timed - 1]);
    free(waits);
}

static _Noreturn void flood(void)
{
    int socket_of_ours = open_socket(), kept[KEPT];

    memset(kept, -1, sizeof kept);
    for (unsigned count = 0;; count++) {
        int connection = begin(socket_of_ours, 0);
        if (connection < 0)
            continue;
        if (count % 2) {
            close(connection);
            continue;
        }
        int *place = &kept[count / 2 % KEPT];
        if (*place >= 0)
            close(*place);
        *place = connection;
    }
}

int main(int count, char **arguments)
{
    if (count < 4 || strlen(arguments[2]) >= sizeof server.sun_path)
        errx(64, "usage: setsc_load ask SOCKET LEAST MADE | setsc_load flood SOCKET PROCESSES");
    strcpy(server.sun_path, arguments[2]);
    if (strcmp(arguments[1], "ask") == 0) {
        ask_often(atoi(arguments[3]), count > 4 ? atoi(arguments[4]) : 0);
        return 0;
    }
    pid_t parent = getpid();
    for (int child = atoi(arguments[3]); child > 0; child--)
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (getppid() != parent)
                _exit(0); /* it has been killed before we said that we would go with it */
            flood();
        }
    puts("flooding"), fflush(stdout);
    while (wait(NULL) > 0)
        ;
}
