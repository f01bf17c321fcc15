/* static_client on-net|connect ADDRESS PORT - a program that nothing can be loaded into.
 *
 * on-net sets IPV6_REQUIRE_SRC_ON_NET, and prints whether that failed and what is set then; connect prints its source
 * address. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define IPV6_ADDR_PREFERENCES_OPTION 72
#define REQUIRE_SRC_ON_NET 0x10000

static int on_net(void)
{
	int file = socket(AF_INET6, SOCK_STREAM, 0), value = REQUIRE_SRC_ON_NET;
	socklen_t size = sizeof(value);
	int outcome = setsockopt(file, IPPROTO_IPV6, IPV6_ADDR_PREFERENCES_OPTION, &value, size);
	if (getsockopt(file, IPPROTO_IPV6, IPV6_ADDR_PREFERENCES_OPTION, &value, &size) == -1) return 1;
	printf("%d %#x\n", outcome, value & REQUIRE_SRC_ON_NET);
	return 0;
}

static int connect_to(const char *address, const char *port)
{
	struct sockaddr_in6 peer = { .sin6_family = AF_INET6, .sin6_port = htons(atoi(port)) }, own;
	socklen_t size = sizeof(own);
	char text[INET6_ADDRSTRLEN];
	int file = socket(AF_INET6, SOCK_STREAM, 0);
	if (inet_pton(AF_INET6, address, &peer.sin6_addr) != 1) return 2;
	if (connect(file, (struct sockaddr *)&peer, sizeof(peer)) == -1) return 1;
	if (getsockname(file, (struct sockaddr *)&own, &size) == -1) return 1;
	puts(inet_ntop(AF_INET6, &own.sin6_addr, text, sizeof(text)));
	return 0;
}

int main(int count, char **arguments)
{
	if (count == 2 && strcmp(arguments[1], "on-net") == 0) return on_net();
	if (count == 4 && strcmp(arguments[1], "connect") == 0) return connect_to(arguments[2], arguments[3]);
	fprintf(stderr, "usage: static_client on-net|connect ADDRESS PORT\n");
	return 64;
}
