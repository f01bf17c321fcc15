/* Prints "plain" or "privileged", and whether the fake daemon that ODM_SOCKET names answered. */
#include "check.h"

#include <sys/auxv.h>

int main(void)
{
	struct in6_addr address = IN6ADDR_ANY_INIT;
	int fd = udp6();
	int reached = setsc(fd, &address, 2) == 0 && says(&address, 1, 0, 2, fd);
	printf("%s %s\n", getauxval(AT_SECURE) ? "privileged" : "plain", reached ? "reached" : "not-reached");
	return 0;
}
