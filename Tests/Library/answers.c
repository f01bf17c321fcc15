/* What each answer of a daemon, good or bad, becomes for the program. */
#include "check.h"

static const struct expectation {
	const char *behaviour;
	int status, error;
} expectations[] = {
	{ "granted", 0, 0 },
	{ "slow", 0, 0 },
	{ "with-descriptors", 0, 0 },
	{ "no-source", EAI_REQUIREDIPNOTSUPPORTED, ENOTSUP },
	{ "other-namespace", EAI_REQUIREDIPNOTSUPPORTED, EXDEV },
	{ "exhausted", EAI_REQUIREDIPFAILED, EADDRNOTAVAIL },
	{ "timed-out", EAI_REQUIREDIPFAILED, ETIMEDOUT },
	{ "nothing-given", EAI_SYSTEM, ENOENT },
	{ "bad-request", EAI_SYSTEM, EBADMSG },
	/* A daemon that ends, or is too busy to read. */
	{ "dying", EAI_REQUIREDIPFAILED, ECONNRESET },
	{ "dying-unread", EAI_REQUIREDIPFAILED, ECONNRESET },
	{ "dying-at-once", EAI_REQUIREDIPFAILED, ECONNRESET },
	{ "busy", EAI_REQUIREDIPFAILED, EBUSY },
	{ "busy-at-once", EAI_REQUIREDIPFAILED, EBUSY },
	/* Frames that are none, or are no answer. */
	{ "empty", EAI_REQUIREDIPFAILED, ECONNRESET },
	{ "short", EAI_REQUIREDIPFAILED, EBADMSG },
	{ "long", EAI_REQUIREDIPFAILED, EBADMSG },
	{ "huge", EAI_REQUIREDIPFAILED, EBADMSG },
	{ "not-ours", EAI_REQUIREDIPFAILED, EBADMSG },
	{ "other-version", EAI_REQUIREDIPNOTSUPPORTED, EPROTONOSUPPORT },
	{ "a-request", EAI_REQUIREDIPFAILED, EBADMSG },
	{ "other-operation", EAI_REQUIREDIPFAILED, EBADMSG },
	{ "type-0", EAI_REQUIREDIPFAILED, EBADMSG },
	{ "type-5", EAI_REQUIREDIPFAILED, EBADMSG },
	{ "type-8", EAI_REQUIREDIPFAILED, EBADMSG },
	{ "unknown-status", EAI_REQUIREDIPFAILED, EBADMSG },
	{ "reserved-7", EAI_REQUIREDIPFAILED, EBADMSG },
	{ "reserved-12", EAI_REQUIREDIPFAILED, EBADMSG },
	{ "reserved-15", EAI_REQUIREDIPFAILED, EBADMSG },
	{ "granted-with-error", EAI_REQUIREDIPFAILED, EBADMSG },
	{ "refused-without-error", EAI_REQUIREDIPFAILED, EBADMSG },
	{ "negative-error", EAI_REQUIREDIPFAILED, EBADMSG },
	{ "granted-unknown-operation", EAI_REQUIREDIPFAILED, EBADMSG },
	{ "no-address", EAI_REQUIREDIPFAILED, EBADMSG },
};

static const struct in6_addr untouched = { { { 0xaa, 0xaa, 0xaa, 0xaa } } };

/* An errno that no call here sets: it must be there after a success. */
enum { CANARY = 12345 };

static void check_result(const char *call, const struct expectation *expected, int result, int error,
			 const struct in6_addr *address, int operation, int type, int fd)
{
	char what[100];
	snprintf(what, sizeof what, "%s: %s", expected->behaviour, call);
	check_call(what, result, error, expected->status, expected->error);
	if (expected->status == 0)
		check(error == CANARY && says(address, operation, 0, type, fd), "%s: address and errno", what);
	else
		check(memcmp(address, &untouched, sizeof *address) == 0, "%s: the address is untouched", what);
}

static void check_answer(const struct expectation *expected, int fd)
{
	struct in6_addr address = untouched;
	sc_type type = 77;
	behave(expected->behaviour);

	errno = CANARY;
	int result = setsc(fd, &address, IPV6_REQUIRE_NON_PERSISTENT_IP), error = errno;
	check_result("setsc", expected, result, error, &address, 1, 3, fd);

	address = untouched;
	errno = CANARY;
	int request = setsc_start(fd, GRACEFUL_REPLACEMENT_IPV6_ADDRESS, 0);
	if (check(request >= 0 && errno == CANARY, "%s: setsc_start", expected->behaviour)) {
		result = setsc_finish(request, &address), error = errno;
		check_result("setsc_finish", expected, result, error, &address, 1, 4, fd);
		check(fcntl(request, F_GETFD) < 0, "%s: setsc_finish closes", expected->behaviour);
	}

	/* "busy" answers a setsc, whatever was asked. */
	if (strcmp(expected->behaviour, "busy") == 0)
		return;
	address = untouched;
	errno = CANARY;
	result = getsc(fd, &address, &type), error = errno;
	check_result("getsc", expected, result, error, &address, 2, 2, fd);
	check(type == (expected->status == 0 ? 2 : 77), "%s: the type of getsc", expected->behaviour);

	errno = CANARY;
	int watch = odm_watch(fd);
	error = errno;
	if (expected->status == 0)
		check(watch >= 0 && error == CANARY, "%s: odm_watch", expected->behaviour);
	else
		check_call("odm_watch", watch, error, expected->status, expected->error);
	if (watch >= 0)
		close(watch);
}

int main(int argc, char **argv)
{
	check_begin(argc, argv);
	int fd = udp6(), before = open_descriptors();
	for (size_t i = 0; i < sizeof expectations / sizeof *expectations; i++)
		check_answer(&expectations[i], fd);
	check(open_descriptors() == before, "no descriptor is left open");
	return check_end();
}
