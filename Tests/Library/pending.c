/* setsc_start and setsc_finish in an event loop. */
#include "check.h"

static void check_poll(int fd)
{
	struct in6_addr address;
	behave("slow");
	double begin = seconds_now();
	int request = setsc_start(fd, 2, 0);
	check(request >= 0 && seconds_now() - begin < 0.2, "setsc_start does not wait");
	check(fcntl(request, F_GETFD) & FD_CLOEXEC, "the request is close-on-exec");
	struct pollfd waited = { .fd = request, .events = POLLIN };
	check(poll(&waited, 1, 0) == 0, "not readable before the answer");
	check(poll(&waited, 1, 5000) == 1 && (waited.revents & POLLIN), "readable with the answer");
	check(setsc_finish(request, &address) == 0 && says(&address, 1, 0, 2, fd), "setsc_finish has the address");
}

static void check_early_finish(int fd)
{
	struct in6_addr address;
	behave("slow");
	double begin = seconds_now();
	int request = setsc_start(fd, 1, 0);
	check(setsc_finish(request, &address) == 0 && says(&address, 1, 0, 1, fd),
	      "setsc_finish waits for the answer");
	check(seconds_now() - begin > 0.2, "it had to");
}

static void check_many(void)
{
	enum { COUNT = 100 };
	int sockets[COUNT], requests[COUNT], right = 0;
	struct in6_addr address;
	behave("slow");
	for (int i = 0; i < COUNT; i++) {
		sockets[i] = udp6();
		requests[i] = setsc_start(sockets[i], (sc_type)(1 + i % 4), i % 3 ? 0 : SC_ON_NET);
	}
	for (int i = COUNT - 1; i >= 0; i--)
		if (setsc_finish(requests[i], &address) == 0)
			right += says(&address, 1, i % 3 ? 0 : 1, 1 + i % 4, sockets[i]);
	check(right == COUNT, "%d requests at once, each with its own answer", COUNT);
	for (int i = 0; i < COUNT; i++)
		close(sockets[i]);
}

static void check_dropped(int fd)
{
	char path[200];
	int tries = 0;
	snprintf(path, sizeof path, "%s/dropped", check_directory);
	unlink(path);
	behave("silent");
	int request = setsc_start(fd, 2, 0);
	check(access(path, F_OK) < 0, "a pending request is not dropped");
	close(request);
	while (access(path, F_OK) < 0 && tries++ < 500)
		usleep(10000);
	check(access(path, F_OK) == 0, "close gives the request up, and the daemon notices");
}

static void check_dead_daemon_polls(int fd)
{
	struct in6_addr address;
	behave("dying");
	int request = setsc_start(fd, 2, 0);
	struct pollfd waited = { .fd = request, .events = POLLIN };
	check(poll(&waited, 1, 5000) == 1 && (waited.revents & POLLIN), "readable when the daemon ends");
	CHECK_CALL("setsc_finish says so", setsc_finish(request, &address), EAI_REQUIREDIPFAILED, ECONNRESET);
}

static void check_full_queue(int fd)
{
	behave("full");
	double begin = seconds_now();
	CHECK_CALL("setsc_start does not wait in the daemon's queue", setsc_start(fd, 2, 0),
		   EAI_REQUIREDIPFAILED, EAGAIN);
	check(seconds_now() - begin < 1, "at once");
}

static void check_socket_closed_meanwhile(void)
{
	struct in6_addr address;
	int fd = udp6();
	behave("slow");
	int request = setsc_start(fd, 2, 0);
	close(fd);
	check(setsc_finish(request, &address) == 0, "the socket may be closed before the answer comes");
}

int main(int argc, char **argv)
{
	check_begin(argc, argv);
	int fd = udp6(), before = open_descriptors();
	check_poll(fd);
	check_early_finish(fd);
	check_many();
	check_dropped(fd);
	check_dead_daemon_polls(fd);
	check_full_queue(fd);
	check_socket_closed_meanwhile();
	check(open_descriptors() == before, "no descriptor is left open");
	return check_end();
}
