/* setsockopt and getsockopt: the kernel's answers, and one bit more. */
#include "check.h"

#include <linux/in6.h>
#include <netinet/tcp.h>

static const struct option {
	const char *name;
	int level, option;
} options[] = {
	{ "IPV6_ADDR_PREFERENCES", IPPROTO_IPV6, IPV6_ADDR_PREFERENCES },
	{ "IPV6_V6ONLY", IPPROTO_IPV6, IPV6_V6ONLY },
	{ "IPV6_TCLASS", IPPROTO_IPV6, IPV6_TCLASS },
	{ "IPV6 9999", IPPROTO_IPV6, 9999 },
	{ "SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR },
	{ "SO_RCVTIMEO", SOL_SOCKET, SO_RCVTIMEO },
	{ "SOL_SOCKET 72", SOL_SOCKET, IPV6_ADDR_PREFERENCES },
	{ "TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY },
	{ "level 9999", 9999, 1 },
};

static const int lengths[] = { 0, 1, 2, 3, 4, 5, 8, 16, -1, 0x7fffffff };

static int make_socket(int kind)
{
	switch (kind) {
	case 0: return udp6();
	case 1: return socket(AF_INET6, SOCK_STREAM, 0);
	case 2: return socket(AF_INET, SOCK_DGRAM, 0);
	case 3: return socket(AF_UNIX, SOCK_DGRAM, 0);
	case 4: return open("/dev/null", O_RDONLY);
	default: return -1;
	}
}

struct outcome {
	int result, error;
	socklen_t length;
	unsigned char value[16];
};

static struct outcome read_option(int raw, int fd, const struct option *option, int length, int how)
{
	struct outcome outcome = { .length = (socklen_t)length };
	void *value = how == 1 ? NULL : how == 2 ? (void *)8 : outcome.value;
	socklen_t *pointer = how == 3 ? NULL : how == 4 ? (socklen_t *)8 : &outcome.length;
	memset(outcome.value, 0xaa, sizeof outcome.value);
	errno = 0;
	if (raw)
		outcome.result = (int)syscall(SYS_getsockopt, fd, option->level, option->option, value, pointer);
	else
		outcome.result = getsockopt(fd, option->level, option->option, value, pointer);
	outcome.error = errno;
	return outcome;
}

static struct outcome write_option(int raw, int fd, const struct option *option, int length, int how,
				   int preference)
{
	int words[4] = { preference, 0, 0, 0 };
	struct outcome outcome = { .length = (socklen_t)length };
	const void *value = how == 1 ? NULL : how == 2 ? (const void *)8 : words;
	memset(outcome.value, 0, sizeof outcome.value);
	errno = 0;
	if (raw)
		outcome.result = (int)syscall(SYS_setsockopt, fd, option->level, option->option, value, length);
	else
		outcome.result = setsockopt(fd, option->level, option->option, value, (socklen_t)length);
	outcome.error = errno;
	return outcome;
}

static int same(const struct outcome *a, const struct outcome *b)
{
	return a->result == b->result && a->error == b->error && a->length == b->length &&
	       memcmp(a->value, b->value, sizeof a->value) == 0;
}

/* Every combination, on two sockets of a kind: through the library and through the system call. */
static void compare(int kind, const struct option *option)
{
	static const int preferences[] = { 0,	  1,	 2,	3,     4,      8,	0x100,
					   0x400, 0x800, 0x404, 0x808, 0x1000, ~0x10000 };
	int ours = make_socket(kind), theirs = make_socket(kind), different = 0, compared = 0;
	for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++)
		for (int how = 0; how < 5; how++) {
			if (how == 0 && (lengths[l] < 0 || lengths[l] > 16))
				continue; /* more than there is */
			for (size_t p = 0; how < 3 && p < sizeof preferences / sizeof *preferences; p++) {
				struct outcome a = write_option(0, ours, option, lengths[l], how, preferences[p]);
				struct outcome b = write_option(1, theirs, option, lengths[l], how, preferences[p]);
				different += !same(&a, &b), compared++;
			}
			struct outcome a = read_option(0, ours, option, lengths[l], how);
			struct outcome b = read_option(1, theirs, option, lengths[l], how);
			different += !same(&a, &b), compared++;
		}
	check(different == 0, "%s on a socket of kind %d: %d of %d calls differ from the kernel's", option->name,
	      kind, different, compared);
	close(ours);
	close(theirs);
}

static int preferences(int fd)
{
	int value = -1;
	socklen_t length = sizeof value;
	return getsockopt(fd, IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, &value, &length) == 0 && length == 4 ? value : -1;
}

static int prefer(int fd, int value)
{
	return setsockopt(fd, IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, &value, sizeof value);
}

static int asks_on_net(int fd)
{
	struct in6_addr address;
	behave("granted");
	if (setsc(fd, &address, 2) != 0)
		return -1;
	return says(&address, 1, 1, 2, fd) ? 1 : says(&address, 1, 0, 2, fd) ? 0 : -1;
}

static void check_flag(void)
{
	int fd = udp6(), other = udp6(), before = preferences(fd);
	check(asks_on_net(fd) == 0, "ON_NET is off at first");
	errno = 77;
	check(prefer(fd, before | IPV6_REQUIRE_SRC_ON_NET) == 0 && errno == 77, "ON_NET can be set");
	check(preferences(fd) == (before | IPV6_REQUIRE_SRC_ON_NET), "it reads back");
	check(preferences(other) == before, "another socket's does not");
	check(asks_on_net(fd) == 1 && asks_on_net(other) == 0, "setsc asks for it, for this socket only");
	int duplicate = dup(fd);
	check(preferences(duplicate) & IPV6_REQUIRE_SRC_ON_NET, "a duplicate is the same socket");
	check(prefer(fd, IPV6_REQUIRE_SRC_ON_NET | IPV6_PREFER_SRC_TMP) == 0, "ON_NET goes with the kernel's bits");
	check((preferences(duplicate) & (IPV6_REQUIRE_SRC_ON_NET | 3)) == (IPV6_REQUIRE_SRC_ON_NET | 1),
	      "the kernel got them");
	check(prefer(fd, IPV6_PREFER_SRC_PUBLIC) == 0 && !(preferences(fd) & IPV6_REQUIRE_SRC_ON_NET),
	      "a value without it clears it");
	check(asks_on_net(fd) == 0, "setsc no longer asks for it");
	close(fd), close(other), close(duplicate);
}

static void check_refused_flag(void)
{
	int fd = udp6(), inet = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK_CALL("conflicting bits are refused", prefer(fd, IPV6_REQUIRE_SRC_ON_NET | 3), -1, EINVAL);
	check(!(preferences(fd) & IPV6_REQUIRE_SRC_ON_NET), "and ON_NET is not kept");
	prefer(fd, IPV6_REQUIRE_SRC_ON_NET);
	check(prefer(fd, 3) == -1 && (preferences(fd) & IPV6_REQUIRE_SRC_ON_NET), "nor is it cleared");
	CHECK_CALL("an IPv4 socket has no such option", prefer(inet, IPV6_REQUIRE_SRC_ON_NET), -1, ENOPROTOOPT);
	check(setsockopt(fd, IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, NULL, 4) == 0 && preferences(fd) >= 0 &&
		      !(preferences(fd) & IPV6_REQUIRE_SRC_ON_NET),
	      "NULL with a length is the value 0, as for the kernel");
	close(fd), close(inet);
}

static void check_short_reads(void)
{
	int fd = udp6(), value = IPV6_REQUIRE_SRC_ON_NET | IPV6_PREFER_SRC_TMP, right = 0;
	prefer(fd, value);
	int whole = preferences(fd);
	for (socklen_t length = 0; length <= 4; length++) {
		unsigned char octets[8], expected[8];
		socklen_t given = length;
		memset(octets, 0xaa, sizeof octets);
		memset(expected, 0xaa, sizeof expected);
		memcpy(expected, &whole, length);
		right += getsockopt(fd, IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, octets, &given) == 0 && given == length &&
			 memcmp(octets, expected, sizeof octets) == 0;
	}
	check(right == 5, "a short buffer gets the first octets only");
	struct { char odd; unsigned char value[8]; } unaligned;
	memset(&unaligned, 0, sizeof unaligned);
	memcpy(unaligned.value, &value, sizeof value);
	check(setsockopt(fd, IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, unaligned.value, 8) == 0,
	      "unaligned and longer: taken");
	socklen_t length = 8;
	check(getsockopt(fd, IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, unaligned.value, &length) == 0 && length == 4 &&
		      memcmp(unaligned.value, &whole, 4) == 0, "unaligned and longer: read");
	close(fd);
}

static void check_bound(void)
{
	enum { CAPACITY = 1024 };
	int oldest = udp6(), kept = udp6(), fd = -1;
	prefer(oldest, IPV6_REQUIRE_SRC_ON_NET);
	prefer(kept, IPV6_REQUIRE_SRC_ON_NET);
	for (int i = 0; i < CAPACITY - 1; i++) {
		fd = udp6();
		prefer(fd, IPV6_REQUIRE_SRC_ON_NET);
		if (i < CAPACITY - 2)
			close(fd);
	}
	check(preferences(fd) & preferences(kept) & IPV6_REQUIRE_SRC_ON_NET, "1024 sockets are kept");
	check(!(preferences(oldest) & IPV6_REQUIRE_SRC_ON_NET), "the oldest of 1025 is forgotten");
	close(oldest), close(kept), close(fd);
}

static void check_fork(void)
{
	int fd = udp6(), status;
	prefer(fd, IPV6_REQUIRE_SRC_ON_NET);
	pid_t child = fork();
	if (child == 0)
		_exit(asks_on_net(fd) == 1 && (preferences(fd) & IPV6_REQUIRE_SRC_ON_NET) ? 0 : 1);
	waitpid(child, &status, 0);
	check(status == 0, "a child has what its parent set");
	close(fd);
}

int main(int argc, char **argv)
{
	check_begin(argc, argv);
	int before = open_descriptors();
	for (int round = 0; round < 2; round++) {
		for (int kind = 0; kind < 6; kind++)
			for (size_t i = 0; i < sizeof options / sizeof *options; i++)
				compare(kind, &options[i]);
		/* Once more, with some other socket in the table. */
		int other = udp6();
		prefer(other, IPV6_REQUIRE_SRC_ON_NET);
		close(other);
	}
	check_flag();
	check_refused_flag();
	check_short_reads();
	check_bound();
	check_fork();
	check(open_descriptors() == before, "no descriptor is left open");
	return check_end();
}
