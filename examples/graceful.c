/* graceful SERVER PORT - sends stdin to a server, and goes on when the host moves to another network.
 *
 * Its address is Graceful-replacement: at a move it is told of another, and for some time both work. It opens a
 * connection from the new address, sends there what is still to be sent, and lets the old connection come to its end
 * in peace. Nothing is lost, and nothing is sent twice.
 *
 * Each connection begins with a line that says where in the whole its octets belong ("at 4096"). When it ends, the
 * server says how many octets have come by it ("got 512").
 */
#include <odm/setsc.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 8, PIECE = 4096 };

struct connection {
	int socket; /* -1 if there is none */
	int watch;
	unsigned long long sent;
};

/* The first is the one that is sent by. Of the others everything has been sent, and their servers are to say so. */
static struct connection connections[MOST];
static struct sockaddr_in6 server;
static unsigned long long total, opened;

static void fail(const char *what)
{
	fprintf(stderr, "graceful: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void fail_with_status(const char *what, int status)
{
	fprintf(stderr, "graceful: %s: %s: %s\n", what, odm_strerror(status), strerror(errno));
	exit(1);
}

static void send_all(int socket, const char *octets, size_t count)
{
	while (count > 0) {
		ssize_t sent = send(socket, octets, count, MSG_NOSIGNAL);
		if (sent < 0)
			fail("send");
		octets += sent;
		count -= (size_t)sent;
	}
}

/* A connection from an address that is good on the network that the host is on now, and a watch over that. */
static struct connection open_connection(void)
{
	struct sockaddr_in6 source;
	struct connection new = { socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), -1, 0 };
	char line[32];
	memset(&source, 0, sizeof source);
	source.sin6_family = AF_INET6;
	if (new.socket < 0)
		fail("socket");
	int status = setsc(new.socket, &source.sin6_addr, GRACEFUL_REPLACEMENT_IPV6_ADDRESS);
	if (status != 0)
		fail_with_status("setsc", status);
	new.watch = odm_watch(new.socket);
	if (new.watch < 0)
		fail_with_status("odm_watch", new.watch);
	if (bind(new.socket, (struct sockaddr *)&source, sizeof source) != 0)
		fail("bind");
	if (connect(new.socket, (struct sockaddr *)&server, sizeof server) != 0)
		fail("connect");
	send_all(new.socket, line, (size_t)snprintf(line, sizeof line, "at %llu\n", total));
	opened++;
	return new;
}

/* What is sent from now on is sent by another connection. */
static void change_over(void)
{
	struct connection *old = &connections[0];
	for (int i = 1; i < MOST; i++) {
		if (connections[i].socket >= 0)
			continue;
		struct connection new = open_connection();
		shutdown(old->socket, SHUT_WR);
		close(old->watch);
		connections[i] = *old;
		connections[0] = new;
		return;
	}
	fprintf(stderr, "graceful: the host moves faster than connections end\n");
	exit(1);
}

static void hear(const struct connection *connection)
{
	struct odm_event event;
	int status = odm_next_event(connection->watch, &event);
	if (status != 0)
		fail_with_status("odm_next_event", status);
	if (event.what == ODM_EVENT_REPLACED)
		change_over();
}

/* The server has received a connection to its end. */
static void conclude(struct connection *connection)
{
	char line[32];
	ssize_t length = recv(connection->socket, line, sizeof line - 1, MSG_WAITALL);
	if (length < 0)
		fail("recv");
	line[length] = '\0';
	unsigned long long got = 0;
	if (sscanf(line, "got %llu", &got) != 1 || got != connection->sent) {
		fprintf(stderr, "graceful: of %llu octets the server has %llu\n", connection->sent, got);
		exit(1);
	}
	close(connection->socket);
	connection->socket = -1;
}

/* Sends what there is on stdin; 0 at its end. */
static int send_on(void)
{
	char piece[PIECE];
	ssize_t count = read(STDIN_FILENO, piece, sizeof piece);
	if (count < 0)
		fail("read");
	send_all(connections[0].socket, piece, (size_t)count);
	connections[0].sent += (unsigned long long)count;
	total += (unsigned long long)count;
	return count > 0;
}

int main(int argc, char **argv)
{
	struct pollfd polled[MOST + 1];
	int is_sending = 1, left = 1;
	if (argc != 3 || inet_pton(AF_INET6, argv[1], &server.sin6_addr) != 1) {
		fprintf(stderr, "usage: graceful SERVER PORT, with the server's IPv6 address\n");
		return 64;
	}
	server.sin6_family = AF_INET6;
	server.sin6_port = htons((uint16_t)atoi(argv[2]));
	for (int i = 0; i < MOST; i++)
		connections[i].socket = -1;
	connections[0] = open_connection();
	while (left > 0) {
		for (int i = 0; i < MOST; i++)
			polled[i] = (struct pollfd){ i == 0 && is_sending ? connections[0].watch : connections[i].socket,
				POLLIN, 0 };
		polled[MOST] = (struct pollfd){ is_sending ? STDIN_FILENO : -1, POLLIN, 0 };
		if (poll(polled, MOST + 1, -1) < 0 && errno != EINTR)
			fail("poll");
		for (int i = 1; i < MOST; i++)
			if (polled[i].revents)
				conclude(&connections[i]);
		if (polled[0].revents && is_sending)
			hear(&connections[0]);
		else if (polled[0].revents)
			conclude(&connections[0]);
		else if (polled[MOST].revents && !send_on()) {
			is_sending = 0;
			close(connections[0].watch);
			shutdown(connections[0].socket, SHUT_WR);
		}
		left = 0;
		for (int i = 0; i < MOST; i++)
			left += connections[i].socket >= 0;
	}
	printf("%llu octets by %llu connections\n", total, opened);
	return 0;
}
