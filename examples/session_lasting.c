/* session_lasting HOST PORT - a TCP connection that outlives the network under it.
 *
 * The example of draft-ietf-dmm-ondemand-mobility, section 4, as a program. It connects from a
 * Session-lasting address, says which one, then sends each line that it reads and prints what the
 * server answers. Where there is no such address it says why and connects as any program would.
 */
#include <odm/setsc.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Binds to a Session-lasting address. Returns 0, or -1 if there is none; the socket is good in both cases. */
static int bind_session_lasting(int fd)
{
	struct sockaddr_in6 source;
	memset(&source, 0, sizeof source);
	source.sin6_family = AF_INET6; /* port 0: the kernel chooses */

	int status = setsc(fd, &source.sin6_addr, IPV6_REQUIRE_SESSION_LASTING_IP);
	if (status != 0) {
		fprintf(stderr, "session_lasting: %s: %s\n", odm_strerror(status), strerror(errno));
		return -1;
	}
	if (bind(fd, (struct sockaddr *)&source, sizeof source) != 0) {
		perror("session_lasting: bind");
		return -1;
	}
	return 0;
}

/* Returns a connected socket, or -1 if no address of the server can be reached. */
static int connect_to(const char *host, const char *port)
{
	struct addrinfo hints, *servers;
	memset(&hints, 0, sizeof hints);
	hints.ai_family = AF_INET6;
	hints.ai_socktype = SOCK_STREAM;

	int status = getaddrinfo(host, port, &hints, &servers);
	if (status != 0) {
		fprintf(stderr, "session_lasting: %s: %s\n", host, gai_strerror(status));
		return -1;
	}
	int fd = -1, error = 0;
	for (struct addrinfo *server = servers; server && fd < 0; server = server->ai_next) {
		fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0) {
			error = errno;
			break;
		}
		if (bind_session_lasting(fd) != 0)
			fprintf(stderr, "session_lasting: going on with an ordinary address\n");
		if (connect(fd, server->ai_addr, server->ai_addrlen) != 0) {
			error = errno;
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(servers);
	if (fd < 0)
		fprintf(stderr, "session_lasting: %s port %s: %s\n", host, port, strerror(error));
	return fd;
}

static void print_local_address(int fd)
{
	struct sockaddr_in6 local;
	socklen_t size = sizeof local;
	char text[INET6_ADDRSTRLEN];
	if (getsockname(fd, (struct sockaddr *)&local, &size) == 0 &&
	    inet_ntop(AF_INET6, &local.sin6_addr, text, sizeof text))
		printf("connected from %s\n", text);
	fflush(stdout);
}

/* Writes everything, or returns -1. */
static int write_all(int fd, const char *octets, size_t count)
{
	while (count > 0) {
		ssize_t written = write(fd, octets, count);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -1;
		octets += written;
		count -= (size_t)written;
	}
	return 0;
}

/* Copies what there is. Returns 1 if it did, 0 at the end, -1 after an error. */
static int copy(int from, int to)
{
	char octets[4096];
	ssize_t count = read(from, octets, sizeof octets);
	if (count <= 0)
		return count < 0 && errno == EINTR ? 1 : (int)count;
	return write_all(to, octets, (size_t)count) == 0 ? 1 : -1;
}

/* Standard input to the server, and the server's answers to standard output, until the server ends. */
static int talk(int fd)
{
	struct pollfd waited[2] = { { .fd = fd, .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN } };
	for (;;) {
		if (poll(waited, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		int going = 1;
		if (waited[0].revents)
			going = copy(fd, STDOUT_FILENO);
		if (going <= 0)
			return going;
		if (!waited[1].revents)
			continue;
		int input = copy(STDIN_FILENO, fd);
		if (input < 0)
			return -1;
		if (input == 0) { /* nothing more to say, but perhaps to hear */
			shutdown(fd, SHUT_WR);
			waited[1].fd = -1;
		}
	}
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: session_lasting HOST PORT\n");
		return 64;
	}
	signal(SIGPIPE, SIG_IGN); /* a server that is gone is an error of write() */
	int fd = connect_to(argv[1], argv[2]);
	if (fd < 0)
		return 1;
	print_local_address(fd);
	if (talk(fd) != 0) {
		perror("session_lasting");
		return 1;
	}
	close(fd);
	return 0;
}
