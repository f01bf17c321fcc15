/* follow_moves HOST PORT - talks to a server over UDP, from one network to the next.
 *
 * Sends a datagram five times a second from a Graceful-replacement address. When the host moves and the
 * address is replaced, it goes on from the new one while the old one still works, so the server hears
 * from it all the time. It says on which address it is. A server that shows what comes is
 * `socat -u UDP6-RECV:7777 -`.
 */
#include <odm/setsc.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MILLISECONDS_BETWEEN = 200 };

/* What is sent, and what is known of its address; -1 where there is none. */
struct flow {
	int socket, watch;
};

static const char *text(const struct in6_addr *address)
{
	static char text[INET6_ADDRSTRLEN];
	return inet_ntop(AF_INET6, address, text, sizeof text);
}

/* Opens a flow from an address of this network, or from an ordinary one if there is none to be had. */
static struct flow open_flow(const struct addrinfo *server)
{
	struct sockaddr_in6 source;
	struct flow flow = { socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), -1 };
	memset(&source, 0, sizeof source);
	source.sin6_family = AF_INET6;

	int status = setsc(flow.socket, &source.sin6_addr, GRACEFUL_REPLACEMENT_IPV6_ADDRESS);
	if (status != 0) {
		printf("%s: %s\n", odm_strerror(status), strerror(errno));
	} else if (bind(flow.socket, (struct sockaddr *)&source, sizeof source) != 0) {
		perror("follow_moves: bind");
	} else {
		flow.watch = odm_watch(flow.socket);
		printf("on %s\n", text(&source.sin6_addr));
	}
	if (connect(flow.socket, server->ai_addr, server->ai_addrlen) != 0)
		perror("follow_moves: connect");
	return flow;
}

static void close_flow(struct flow flow)
{
	if (flow.watch >= 0)
		close(flow.watch);
	close(flow.socket);
}

/* Does what an event asks for, and returns the flow to go on with. */
static struct flow follow(struct flow flow, const struct addrinfo *server)
{
	struct odm_event event;
	if (odm_next_event(flow.watch, &event) != 0) {
		/* The daemon has ended the watch: another may be had, perhaps of the daemon that comes next. */
		close(flow.watch);
		flow.watch = odm_watch(flow.socket);
		return flow;
	}
	switch (event.what) {
	case ODM_EVENT_DEPRECATED:
		printf("%s ends\n", text(&event.address));
		return flow;
	case ODM_EVENT_RESTORED:
		printf("%s stays\n", text(&event.address));
		return flow;
	default: /* replaced or removed: there is nothing to wait for */
		break;
	}
	struct flow next = open_flow(server);
	close_flow(flow);
	return next;
}

int main(int argc, char **argv)
{
	struct addrinfo *server, hints = { .ai_family = AF_INET6, .ai_socktype = SOCK_DGRAM };
	if (argc != 3) {
		fprintf(stderr, "usage: follow_moves HOST PORT\n");
		return 64;
	}
	int status = getaddrinfo(argv[1], argv[2], &hints, &server);
	if (status != 0) {
		fprintf(stderr, "follow_moves: %s: %s\n", argv[1], gai_strerror(status));
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	struct flow flow = open_flow(server);
	while (1) {
		struct pollfd watched = { .fd = flow.watch, .events = POLLIN };
		if (poll(&watched, 1, MILLISECONDS_BETWEEN) > 0)
			flow = follow(flow, server);
		/* What has no route just now has one in a moment. */
		else if (send(flow.socket, "still here\n", 11, 0) < 0)
			perror("follow_moves: send");
	}
}
