/* event_loop [COUNT] - asks for addresses without ever waiting for one.
 *
 * Opens COUNT sockets (4), asks for an address for each, one continuity type after the other, and goes
 * on with other work while the answers are on their way: here it counts how often it got to do some. At
 * the end it says what each socket got.
 */
#include <odm/setsc.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 256 };

struct client {
	int socket;
	sc_type type;
};

static const char *name_of(sc_type type)
{
	static const char *const names[] = { "fixed", "session-lasting", "non-persistent", "graceful-replacement" };
	return names[type - 1];
}

/* Begins a request. Returns the descriptor to poll, or -1 after saying why there is none. */
static int begin(const struct client *client)
{
	int request = setsc_start(client->socket, client->type, 0);
	if (request >= 0)
		return request;
	printf("socket %d: %s: %s: %s\n", client->socket, name_of(client->type), odm_strerror(request),
	       strerror(errno));
	return -1;
}

/* Takes the answer and binds the socket; a program would connect() now. */
static void finish(const struct client *client, int request)
{
	struct sockaddr_in6 source;
	char text[INET6_ADDRSTRLEN];
	memset(&source, 0, sizeof source);
	source.sin6_family = AF_INET6;

	int status = setsc_finish(request, &source.sin6_addr);
	if (status != 0)
		printf("socket %d: %s: %s: %s\n", client->socket, name_of(client->type), odm_strerror(status),
		       strerror(errno));
	else if (bind(client->socket, (struct sockaddr *)&source, sizeof source) != 0)
		printf("socket %d: bind: %s\n", client->socket, strerror(errno));
	else
		printf("socket %d: %s: %s\n", client->socket, name_of(client->type),
		       inet_ntop(AF_INET6, &source.sin6_addr, text, sizeof text));
}

int main(int argc, char **argv)
{
	static struct client clients[MOST];
	static struct pollfd requests[MOST];
	int count = argc > 1 ? atoi(argv[1]) : 4, pending = 0, idle = 0;
	if (argc > 2 || count < 1 || count > MOST) {
		fprintf(stderr, "usage: event_loop [COUNT], at most %d\n", MOST);
		return 64;
	}
	for (int i = 0; i < count; i++) {
		clients[i].socket = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (clients[i].socket < 0) {
			perror("event_loop: socket");
			return 1;
		}
		clients[i].type = (sc_type)(FIXED_IPV6_ADDRESS + i % 4);
		requests[i].fd = begin(&clients[i]);
		requests[i].events = POLLIN;
		pending += requests[i].fd >= 0;
	}
	while (pending > 0) {
		int ready = poll(requests, (nfds_t)count, 10); /* poll skips descriptors below zero */
		if (ready < 0 && errno != EINTR) {
			perror("event_loop: poll");
			return 1;
		}
		if (ready <= 0) {
			idle++;
			continue;
		}
		for (int i = 0; i < count; i++) {
			if (requests[i].fd < 0 || !requests[i].revents)
				continue;
			finish(&clients[i], requests[i].fd);
			requests[i].fd = -1;
			pending--;
		}
	}
	printf("all answered; %d times there was leisure for something else\n", idle);
	for (int i = 0; i < count; i++)
		close(clients[i].socket);
	return 0;
}
