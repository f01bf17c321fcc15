/* The caller's mistakes, and life without a daemon. */
#include "check.h"

static const struct in6_addr untouched = { { { 0xaa, 0xaa, 0xaa, 0xaa } } };

static void check_setsc(const char *what, int fd, sc_type type, int status, int error)
{
	struct in6_addr address = untouched;
	errno = 0;
	int result = setsc(fd, &address, type);
	check_call(what, result, errno, status, error);
	check(memcmp(&address, &untouched, sizeof address) == 0, "%s: the address is untouched", what);
	errno = 0;
	result = setsc_start(fd, type, 0);
	check_call(what, result, errno, status, error);
	if (result >= 0)
		close(result);
	/* A watch has no type. */
	if (error == EINVAL)
		return;
	errno = 0;
	result = odm_watch(fd);
	check_call(what, result, errno, status, error);
	if (result >= 0)
		close(result);
}

static void check_descriptors(void)
{
	int pipes[2], unix_socket = socket(AF_UNIX, SOCK_STREAM, 0), inet = socket(AF_INET, SOCK_STREAM, 0);
	int path = open("/", O_PATH);
	if (pipe(pipes) < 0)
		exit(2);
	check_setsc("no descriptor", -1, 2, EAI_SYSTEM, EBADF);
	check_setsc("a closed descriptor", 9999, 2, EAI_SYSTEM, EBADF);
	check_setsc("an O_PATH descriptor", path, 2, EAI_SYSTEM, EBADF);
	check_setsc("a pipe", pipes[0], 2, EAI_SYSTEM, ENOTSOCK);
	check_setsc("a Unix socket", unix_socket, 2, EAI_SYSTEM, EAFNOSUPPORT);
	check_setsc("an IPv4 socket", inet, 2, EAI_SYSTEM, EAFNOSUPPORT);
	close(pipes[0]);
	close(pipes[1]);
	close(unix_socket);
	close(inet);
	close(path);
}

static void check_types(int fd)
{
	static const sc_type reserved[] = { 0, 5, 6, 7, 8, 255 };
	char what[40];
	for (size_t i = 0; i < sizeof reserved; i++) {
		snprintf(what, sizeof what, "type %d", reserved[i]);
		check_setsc(what, fd, reserved[i], EAI_SYSTEM, EINVAL);
	}
	for (unsigned bit = 1; bit < 32; bit++) {
		errno = 0;
		int result = setsc_start(fd, 2, 1u << bit);
		snprintf(what, sizeof what, "flag bit %u", bit);
		check_call(what, result, errno, EAI_SYSTEM, EINVAL);
	}
}

static void check_null(int fd)
{
	struct in6_addr address;
	sc_type type;
	CHECK_CALL("setsc: NULL", setsc(fd, NULL, 2), EAI_SYSTEM, EFAULT);
	CHECK_CALL("getsc: NULL address", getsc(fd, NULL, &type), EAI_SYSTEM, EFAULT);
	CHECK_CALL("getsc: NULL type", getsc(fd, &address, NULL), EAI_SYSTEM, EFAULT);
	int request = setsc_start(fd, 2, 0);
	CHECK_CALL("setsc_finish: NULL", setsc_finish(request, NULL), EAI_SYSTEM, EFAULT);
	check(fcntl(request, F_GETFD) < 0, "setsc_finish: NULL closes the request");
	int watch = odm_watch(fd);
	CHECK_CALL("odm_next_event: NULL", odm_next_event(watch, NULL), EAI_SYSTEM, EFAULT);
	check(close(watch) == 0, "odm_next_event: NULL leaves the watch open");
}

static void check_finish(int fd)
{
	struct in6_addr address;
	int file = open("/dev/null", O_RDONLY);
	CHECK_CALL("setsc_finish: no descriptor", setsc_finish(-1, &address), EAI_SYSTEM, EBADF);
	CHECK_CALL("setsc_finish: a status of setsc_start", setsc_finish(EAI_REQUIREDIPFAILED, &address),
		   EAI_SYSTEM, EBADF);
	CHECK_CALL("setsc_finish: a file", setsc_finish(file, &address), EAI_SYSTEM, ENOTSOCK);
	check(fcntl(file, F_GETFD) >= 0, "setsc_finish leaves a file open");
	CHECK_CALL("setsc_finish: the socket itself", setsc_finish(fd, &address), EAI_SYSTEM, EINVAL);
	check(fcntl(fd, F_GETFD) >= 0, "setsc_finish leaves the socket open");
	int unconnected = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	CHECK_CALL("setsc_finish: a Unix socket of another kind", setsc_finish(unconnected, &address),
		   EAI_SYSTEM, ENOTCONN);
	close(file);
}

static void check_next_event(int fd)
{
	struct odm_event event;
	int file = open("/dev/null", O_RDONLY), unconnected = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	CHECK_CALL("odm_next_event: no descriptor", odm_next_event(-1, &event), EAI_SYSTEM, EBADF);
	CHECK_CALL("odm_next_event: a status of odm_watch", odm_next_event(EAI_REQUIREDIPFAILED, &event),
		   EAI_SYSTEM, EBADF);
	CHECK_CALL("odm_next_event: a file", odm_next_event(file, &event), EAI_SYSTEM, ENOTSOCK);
	CHECK_CALL("odm_next_event: the socket itself", odm_next_event(fd, &event), EAI_SYSTEM, EINVAL);
	CHECK_CALL("odm_next_event: a Unix socket of another kind", odm_next_event(unconnected, &event),
		   EAI_SYSTEM, ENOTCONN);
	check(close(file) == 0 && close(unconnected) == 0, "odm_next_event leaves them open");
}

static void check_no_daemon(int fd)
{
	char path[300];
	double begin = seconds_now();
	behave("refusing");
	check_setsc("nobody listens", fd, 2, EAI_REQUIREDIPNOTSUPPORTED, ECONNREFUSED);
	behave("no-such-socket");
	check_setsc("no socket", fd, 2, EAI_REQUIREDIPNOTSUPPORTED, ENOENT);
	behave("granted/below");
	check_setsc("a path through a socket", fd, 2, EAI_REQUIREDIPNOTSUPPORTED, ENOTDIR);
	behave("stream");
	check_setsc("a stream socket", fd, 2, EAI_REQUIREDIPNOTSUPPORTED, EPROTOTYPE);
	memset(path, 'x', sizeof path);
	path[0] = '/';
	path[108] = 0;
	setenv("ODM_SOCKET", path, 1);
	check_setsc("a path of 108 octets", fd, 2, EAI_REQUIREDIPNOTSUPPORTED, ENAMETOOLONG);
	path[107] = 0;
	setenv("ODM_SOCKET", path, 1);
	check_setsc("a path of 107 octets", fd, 2, EAI_REQUIREDIPNOTSUPPORTED, ENOENT);
	check(seconds_now() - begin < 1, "all of that at once");
}

static void check_descriptor_limit(int fd)
{
	struct rlimit before, none;
	struct in6_addr address;
	getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	errno = 0;
	int result = setsc(fd, &address, 2), error = errno;
	setrlimit(RLIMIT_NOFILE, &before);
	check_call("no room for a descriptor", result, error, EAI_SYSTEM, EMFILE);
}

static void check_texts(void)
{
	check(strcmp(odm_strerror(EAI_REQUIREDIPNOTSUPPORTED), odm_strerror(EAI_REQUIREDIPFAILED)) != 0,
	      "odm_strerror tells its statuses apart");
	check(strcmp(odm_strerror(EAI_NONAME), gai_strerror(EAI_NONAME)) == 0,
	      "odm_strerror knows those of getaddrinfo");
	for (int status = -300; status < 10; status++)
		if (!odm_strerror(status) || !odm_strerror(status)[0])
			check(0, "odm_strerror(%d) is a text", status);
}

int main(int argc, char **argv)
{
	check_begin(argc, argv);
	int fd = udp6(), before = open_descriptors();
	behave("granted");
	check_descriptors();
	check_types(fd);
	check_null(fd);
	check_finish(fd);
	check_next_event(fd);
	check_no_daemon(fd);
	check_descriptor_limit(fd);
	check_texts();
	check(open_descriptors() == before, "no descriptor is left open");
	return check_end();
}
