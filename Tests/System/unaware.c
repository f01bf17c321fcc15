/* unaware CASE ADDRESS PORT - a program that knows nothing of odmd, and does one thing that such programs do with a
 * server at ADDRESS PORT (TCP and UDP). Prints what each call returned, and last "source" and the source address that
 * the server saw, or that the socket has. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static struct sockaddr_in6 server;
static char **arguments;
#define SERVER (struct sockaddr *)&server, sizeof server

static void say(const char *what, long result)
{
	printf("%s %ld%s%s\n", what, result, result < 0 ? " " : "", result < 0 ? strerrorname_np(errno) : "");
}

static int make(int kind, int protocol)
{
	int fd = socket(AF_INET6, kind, protocol);
	if (fd < 0) say("socket", fd), exit(0);
	return fd;
}

static void option(const char *name, int fd, int level, int option)
{
	int value = -1;
	socklen_t size = sizeof value;
	getsockopt(fd, level, option, &value, &size);
	printf("%s %d\n", name, value);
}

static void state(int fd)
{
	option("reuse", fd, SOL_SOCKET, SO_REUSEADDR);
	option("error", fd, SOL_SOCKET, SO_ERROR);
	option("postponed", fd, IPPROTO_IP, 24 /* IP_BIND_ADDRESS_NO_PORT */);
	option("preferences", fd, IPPROTO_IPV6, IPV6_ADDR_PREFERENCES);
	printf("flags %x %x\n", (unsigned)fcntl(fd, F_GETFL), (unsigned)fcntl(fd, F_GETFD));
}

/* The address of the socket itself. */
static void own(int fd)
{
	struct sockaddr_in6 name = { 0 };
	socklen_t size = sizeof name;
	char text[INET6_ADDRSTRLEN] = "?";
	if (getsockname(fd, (struct sockaddr *)&name, &size) == 0)
		inet_ntop(AF_INET6, &name.sin6_addr, text, sizeof text);
	printf("source %s\n", text);
}

/* The server answers with the address that it saw. */
static void seen(int fd)
{
	char text[128];
	struct timeval limit = { 5, 0 };
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	ssize_t count = recv(fd, text, sizeof text - 1, 0);
	if (count < 0) say("recv", count);
	text[count < 0 ? 0 : count] = 0;
	printf("source %s", text);
}

static void do_connect(int kind, int protocol)
{
	int fd = make(kind, protocol);
	errno = EXDEV;
	say("connect", connect(fd, SERVER));
	printf("errno %s\n", strerrorname_np(errno));
	state(fd);
	if (kind == SOCK_DGRAM) say("send", send(fd, "?", 1, 0));
	seen(fd);
}

static void plain(void) { do_connect(SOCK_STREAM, 0); }
static void datagrams(void) { do_connect(SOCK_DGRAM, 0); }
static void multipath(void) { do_connect(SOCK_STREAM, IPPROTO_MPTCP); }

static void nonblocking(void)
{
	int fd = make(SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	say("connect", connect(fd, SERVER));
	struct pollfd waited = { fd, POLLOUT, 0 };
	say("poll", poll(&waited, 1, 5000));
	state(fd);
	say("again", connect(fd, SERVER));
	fcntl(fd, F_SETFL, 0);
	seen(fd);
}

static void by_sendto(void)
{
	int fd = make(SOCK_DGRAM, 0);
	say("sendto", sendto(fd, "?", 1, 0, SERVER));
	seen(fd);
	say("sendto", sendto(fd, "?", 1, 0, SERVER));
	seen(fd);
}

static void by_sendmsg(void)
{
	int fd = make(SOCK_DGRAM, 0);
	struct iovec part = { "?", 1 };
	struct msghdr message = { .msg_name = &server, .msg_namelen = sizeof server, .msg_iov = &part, .msg_iovlen = 1 };
	say("sendmsg", sendmsg(fd, &message, 0));
	seen(fd);
}

static void by_sendmmsg(void)
{
	int fd = make(SOCK_DGRAM, 0);
	struct iovec part = { "?", 1 };
	struct mmsghdr messages[2];
	for (int i = 0; i < 2; i++)
		messages[i].msg_hdr = (struct msghdr){ .msg_name = &server, .msg_namelen = sizeof server, .msg_iov = &part,
			.msg_iovlen = 1 };
	say("sendmmsg", sendmmsg(fd, messages, 2, 0));
	seen(fd);
}

/* A number that another socket had: nothing of it may stick. */
static void reused_number(void)
{
	for (int round = 0; round < 3; round++) {
		int fd = make(SOCK_DGRAM, 0);
		say("sendto", sendto(fd, "?", 1, 0, SERVER));
		seen(fd);
		close(fd);
	}
}

static void fast_open(void)
{
	int fd = make(SOCK_STREAM, 0);
	say("sendto", sendto(fd, "?", 1, MSG_FASTOPEN, SERVER));
	seen(fd);
}

static void later_data(void)
{
	int fd = make(SOCK_STREAM, 0), on = 1;
	say("fastopen", setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof on));
	say("connect", connect(fd, SERVER));
	say("send", send(fd, "?", 1, 0));
	seen(fd);
}

static void stream_sendto(void)
{
	int fd = make(SOCK_STREAM, 0);
	signal(SIGPIPE, SIG_IGN);
	say("sendto", sendto(fd, "?", 1, 0, SERVER));
	own(fd);
}

static void reuse(void)
{
	int fd = make(SOCK_STREAM, 0), on = 1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
	setsockopt(fd, IPPROTO_IP, 24, &on, sizeof on);
	say("connect", connect(fd, SERVER));
	state(fd);
	seen(fd);
}

static void bound_port(void)
{
	int fd = make(SOCK_STREAM, 0);
	struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
	say("bind", bind(fd, (struct sockaddr *)&any, sizeof any));
	say("connect", connect(fd, SERVER));
	seen(fd);
}

static void bound_datagrams(int port, int message)
{
	int fd = make(SOCK_DGRAM, 0);
	struct sockaddr_in6 name = { .sin6_family = AF_INET6, .sin6_port = htons(port) }, after;
	socklen_t size = sizeof name;
	say("bind", bind(fd, (struct sockaddr *)&name, sizeof name));
	getsockname(fd, (struct sockaddr *)&name, &size);
	if (message) say("sendto", sendto(fd, "?", 1, 0, SERVER));
	else say("connect", connect(fd, SERVER)), say("send", send(fd, "?", 1, 0));
	getsockname(fd, (struct sockaddr *)&after, &size);
	say("same port", after.sin6_port == name.sin6_port);
	seen(fd);
}

static void any_port(void) { bound_datagrams(0, 0); }
static void any_port_sendto(void) { bound_datagrams(0, 1); }
static void chosen_port(void) { bound_datagrams(7009, 0); }

static void bound_address(void)
{
	int fd = make(SOCK_STREAM, 0);
	struct sockaddr_in6 name = { .sin6_family = AF_INET6 };
	inet_pton(AF_INET6, "2001:db8:1::2", &name.sin6_addr);
	say("bind", bind(fd, (struct sockaddr *)&name, sizeof name));
	say("connect", connect(fd, SERVER));
	seen(fd);
}

static void preferences(void)
{
	int fd = make(SOCK_STREAM, 0), public = 2 /* IPV6_PREFER_SRC_PUBLIC */;
	say("setsockopt", setsockopt(fd, IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, &public, sizeof public));
	say("connect", connect(fd, SERVER));
	seen(fd);
}

static void packet_information(void)
{
	int fd = make(SOCK_DGRAM, 0);
	struct { struct cmsghdr header; struct in6_pktinfo information; } control = {
		{ sizeof control, IPPROTO_IPV6, IPV6_PKTINFO }, { .ipi6_ifindex = 0 } };
	inet_pton(AF_INET6, "2001:db8:1::2", &control.information.ipi6_addr);
	struct iovec part = { "?", 1 };
	struct msghdr message = { .msg_name = &server, .msg_namelen = sizeof server, .msg_iov = &part, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = CMSG_SPACE(sizeof control.information) };
	say("sendmsg", sendmsg(fd, &message, 0));
	seen(fd);
}

/* Where no address of ours can be the source. */
static void elsewhere(void)
{
	static const char *const places[] = { "::1", "fe80::1", "ff02::1", "::ffff:127.0.0.1", "::" };
	for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
		struct sockaddr_in6 there = { .sin6_family = AF_INET6, .sin6_port = htons(9), .sin6_scope_id = i == 0 ? 0 : 2 };
		inet_pton(AF_INET6, places[i], &there.sin6_addr);
		int fd = make(SOCK_DGRAM, 0);
		printf("%s\n", places[i]);
		say("connect", connect(fd, (struct sockaddr *)&there, sizeof there));
		own(fd);
		fd = make(SOCK_DGRAM, 0);
		say("sendto", sendto(fd, "?", 1, 0, (struct sockaddr *)&there, sizeof there));
		own(fd);
	}
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	say("connect", connect(fd, (struct sockaddr *)&four, sizeof four));
	fd = socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
	if (fd >= 0) say("raw", connect(fd, SERVER));
	own(fd);
}

static void mistakes(void)
{
	int fd = make(SOCK_STREAM, 0), file = open("/dev/null", O_RDONLY), four = socket(AF_INET, SOCK_STREAM, 0);
	say("closed", connect(77, SERVER));
	say("file", connect(file, SERVER));
	say("nowhere", connect(fd, NULL, sizeof server));
	say("short", connect(fd, (struct sockaddr *)&server, 4));
	say("other", connect(four, SERVER));
	say("sendto", sendto(77, "?", 1, 0, SERVER));
	say("sendmsg", sendmsg(fd, NULL, 0));
	say("bind", bind(fd, NULL, sizeof server));
	say("listen", listen(file, 1));
	own(fd);
}

static void forked(void)
{
	int fd = make(SOCK_STREAM, 0), status = 0;
	fflush(stdout);
	if (fork() == 0) {
		say("connect", connect(fd, SERVER));
		fflush(stdout);
		_exit(0);
	}
	wait(&status);
	say("wait", status);
	seen(fd);
}

static void executed(void)
{
	int status = 0;
	fflush(stdout);
	pid_t child = vfork();
	if (child == 0) {
		execl("/proc/self/exe", "unaware", "plain", arguments[2], arguments[3], NULL);
		_exit(1);
	}
	waitpid(child, &status, 0);
	say("wait", status);
}

static void *connects(void *unused)
{
	(void)unused;
	for (int i = 0; i < 50; i++) {
		int fd = make(SOCK_STREAM, 0);
		if (connect(fd, SERVER) != 0) say("connect", -1);
		close(fd);
	}
	return NULL;
}

static void threads(void)
{
	pthread_t threads[8];
	for (int i = 0; i < 8; i++) pthread_create(&threads[i], NULL, connects, NULL);
	for (int i = 0; i < 8; i++) pthread_join(threads[i], NULL);
	plain();
}

static int descriptors(void)
{
	int count = 0;
	DIR *directory = opendir("/proc/self/fd");
	while (readdir(directory)) count++;
	closedir(directory);
	return count;
}

static void closed(void)
{
	int fd = make(SOCK_STREAM, 0);
	say("before", descriptors());
	say("connect", connect(fd, SERVER));
	say("after", descriptors());
	seen(fd);
}

static void *connects_for_long(void *fd)
{
	return (void *)(long)connect(*(int *)fd, SERVER);
}

/* Nobody answers at the server: connect() waits until the thread is cancelled. */
static void cancelled(void)
{
	int fd = make(SOCK_STREAM, 0);
	pthread_t thread;
	void *result = NULL;
	pthread_create(&thread, NULL, connects_for_long, &fd);
	usleep(300000);
	say("cancel", pthread_cancel(thread));
	pthread_join(thread, &result);
	say("ended by it", result == PTHREAD_CANCELED);
	own(fd);
}

static void on_alarm(int number) { (void)number; }

/* The same, until a signal comes. */
static void interrupted(void)
{
	int fd = make(SOCK_STREAM, 0);
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval soon = { .it_value.tv_usec = 300000 };
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	say("connect", connect(fd, SERVER));
	state(fd);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	say("again", connect(fd, SERVER));
	own(fd);
}

/* A signal whose handler lets calls go on. */
static void restarted(void)
{
	int fd = make(SOCK_STREAM, 0);
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	struct itimerval often = { .it_value.tv_usec = 50000, .it_interval.tv_usec = 50000 };
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	say("connect", connect(fd, SERVER));
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
	seen(fd);
}

static void limited(void)
{
	int fd = make(SOCK_STREAM, 0);
	struct timeval limit = { .tv_usec = 300000 };
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	say("connect", connect(fd, SERVER));
	own(fd);
}

static void serve(int fd)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(7007) };
	say("bind", bind(fd, (struct sockaddr *)&any, sizeof any));
	own(fd);
}

static void serve_stream(void)
{
	int fd = make(SOCK_STREAM, 0), on = 1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	serve(fd);
	say("listen", listen(fd, 5));
	state(fd);
	own(fd);
}

static void serve_datagrams(void) { serve(make(SOCK_DGRAM, 0)); }

static void listen_only(void)
{
	int fd = make(SOCK_STREAM, 0);
	say("listen", listen(fd, 5));
	own(fd);
}

static int early = -1;

__attribute__((constructor)) static void before_main(void)
{
	early = socket(AF_INET6, SOCK_STREAM, 0);
}

/* Made before main(), used in it. */
static void initialised(void)
{
	say("connect", connect(early, SERVER));
	seen(early);
}

static const struct { const char *name; void (*function)(void); } cases[] = {
	{ "plain", plain }, { "datagrams", datagrams }, { "multipath", multipath }, { "nonblocking", nonblocking },
	{ "by_sendto", by_sendto }, { "by_sendmsg", by_sendmsg }, { "by_sendmmsg", by_sendmmsg },
	{ "reused_number", reused_number }, { "fast_open", fast_open }, { "later_data", later_data },
	{ "stream_sendto", stream_sendto }, { "reuse", reuse }, { "bound_port", bound_port },
	{ "any_port", any_port }, { "any_port_sendto", any_port_sendto }, { "chosen_port", chosen_port },
	{ "bound_address", bound_address }, { "preferences", preferences }, { "packet_information", packet_information },
	{ "elsewhere", elsewhere }, { "mistakes", mistakes }, { "forked", forked }, { "executed", executed },
	{ "threads", threads }, { "closed", closed }, { "cancelled", cancelled }, { "interrupted", interrupted },
	{ "restarted", restarted }, { "limited", limited }, { "serve_stream", serve_stream },
	{ "serve_datagrams", serve_datagrams },
	{ "listen_only", listen_only }, { "initialised", initialised },
};

int main(int count, char **given)
{
	arguments = given;
	if (count != 4) return 64;
	server = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(atoi(given[3])) };
	if (inet_pton(AF_INET6, given[2], &server.sin6_addr) != 1) return 64;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (strcmp(cases[i].name, given[1]) != 0) continue;
		cases[i].function();
		return 0;
	}
	return 64;
}
