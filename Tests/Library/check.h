/* What the tests of libodm share: TAP output, sockets, and the fake daemon's behaviours. */
#ifndef CHECK_H
#define CHECK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <odm/setsc.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int check_count, check_failures;
static const char *check_directory; /* of the fake daemon's sockets */

/* Reports one check. */
__attribute__((format(printf, 2, 3))) static inline int check(int passed, const char *format, ...)
{
	va_list arguments;
	printf(passed ? "ok %d - " : "not ok %d - ", ++check_count);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	fflush(stdout);
	if (!passed)
		check_failures++;
	return passed;
}

/* Checks a call's result and errno, and shows what they were if they are not as they should be. */
static inline void check_call(const char *what, int result, int error, int expected, int expected_error)
{
	if (!check(result == expected && (expected == 0 || error == expected_error), "%s", what))
		printf("# result %d, errno %d (%s); expected %d, errno %d (%s)\n", result, error, strerror(error),
		       expected, expected_error, strerror(expected_error));
}

/* Makes a call and checks it so. */
#define CHECK_CALL(what, call, expected, expected_error) \
	do { \
		errno = 0; \
		int call_result = (call); \
		check_call(what, call_result, errno, expected, expected_error); \
	} while (0)

static inline void check_begin(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s DIRECTORY-OF-THE-FAKE-DAEMON\n", argv[0]);
		exit(2);
	}
	check_directory = argv[1];
}

static inline int check_end(void)
{
	printf("1..%d\n", check_count);
	return check_failures != 0;
}

/* Lets the library find the fake daemon's socket of this name. */
static inline void behave(const char *behaviour)
{
	char path[200];
	snprintf(path, sizeof path, "%s/%s", check_directory, behaviour);
	setenv("ODM_SOCKET", path, 1);
}

static inline int udp6(void)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		perror("socket");
		exit(2);
	}
	return fd;
}

static inline int open_descriptors(void)
{
	int count = 0;
	DIR *directory = opendir("/proc/self/fd");
	while (directory && readdir(directory))
		count++;
	if (directory)
		closedir(directory);
	return count;
}

static inline uint64_t cookie(int fd)
{
	uint64_t value = 0;
	socklen_t length = sizeof value;
	syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_COOKIE, &value, &length);
	return value;
}

/* What the fake daemon makes of a request: operation, flags, type and the socket's cookie. */
static inline int says(const struct in6_addr *address, int operation, int flags, int type, int fd)
{
	uint64_t value = cookie(fd);
	uint8_t expected[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, (uint8_t)operation, (uint8_t)flags, (uint8_t)type };
	for (int i = 15; i >= 8; i--, value >>= 8)
		expected[i] = (uint8_t)value;
	return memcmp(address, expected, 16) == 0;
}

static inline double seconds_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

#endif
