/* odm_watch and odm_next_event. */
#include "check.h"

static int watch_of(int fd, const char *behaviour)
{
	behave(behaviour);
	int watch = odm_watch(fd);
	if (watch < 0) {
		perror(behaviour);
		exit(2);
	}
	return watch;
}

static int is_event(const struct odm_event *event, int what, uint32_t milliseconds, const char *replacement, int fd)
{
	struct in6_addr expected;
	inet_pton(AF_INET6, replacement, &expected);
	return event->what == what && event->type == 2 && event->milliseconds == milliseconds &&
	       says(&event->address, 3, 0, 2, fd) && memcmp(&event->replacement, &expected, 16) == 0;
}

static int is_readable(int fd, int milliseconds)
{
	struct pollfd waited = { .fd = fd, .events = POLLIN };
	return poll(&waited, 1, milliseconds) == 1 && (waited.revents & POLLIN);
}

/* An errno that no call here sets: it must be there after a success. */
enum { CANARY = 12345 };

static void check_events(int fd)
{
	static const struct {
		int what;
		uint32_t milliseconds;
		const char *replacement;
	} expected[] = {
		{ ODM_EVENT_DEPRECATED, 60000, "::" },
		{ ODM_EVENT_REPLACED, 59999, "2001:db8:ffff::99" },
		{ ODM_EVENT_REMOVED, 0, "2001:db8:ffff::99" },
		{ ODM_EVENT_RESTORED, ODM_NO_END, "::" },
	};
	struct odm_event event;
	errno = CANARY;
	int watch = watch_of(fd, "events");
	check(errno == CANARY && (fcntl(watch, F_GETFD) & FD_CLOEXEC), "the watch is close-on-exec");
	check(!(fcntl(watch, F_GETFL) & O_NONBLOCK), "and blocks");
	for (int i = 0; i < 4; i++) {
		memset(&event, 0xaa, sizeof event);
		check(odm_next_event(watch, &event) == 0 && errno == CANARY &&
			      is_event(&event, expected[i].what, expected[i].milliseconds, expected[i].replacement, fd),
		      "event %d", expected[i].what);
	}
	check(!is_readable(watch, 50), "no more than those");
	check(close(watch) == 0, "the watch is the application's to close");
}

static void check_waiting(int fd)
{
	struct odm_event event;
	int watch = watch_of(fd, "slow-events");
	double begin = seconds_now();
	check(!is_readable(watch, 0), "not readable before an event");
	check(odm_next_event(watch, &event) == 0 && event.what == ODM_EVENT_DEPRECATED,
	      "odm_next_event waits for an event");
	check(seconds_now() - begin > 0.2, "it had to");
	fcntl(watch, F_SETFL, O_NONBLOCK);
	event.what = 77;
	CHECK_CALL("unless the descriptor does not block", odm_next_event(watch, &event), EAI_SYSTEM, EAGAIN);
	check(event.what == 77, "then the event is untouched");
	check(is_readable(watch, 5000), "readable with the event");
	check(odm_next_event(watch, &event) == 0 && event.what == ODM_EVENT_REPLACED, "which it takes");
	close(watch);
}

static void check_ended(int fd)
{
	struct odm_event event;
	int watch = watch_of(fd, "events-end");
	check(odm_next_event(watch, &event) == 0 && event.what == ODM_EVENT_DEPRECATED,
	      "what was told before the end is there");
	check(is_readable(watch, 5000), "readable when the daemon ends the watch");
	for (int i = 0; i < 2; i++)
		CHECK_CALL("odm_next_event says so", odm_next_event(watch, &event), EAI_REQUIREDIPFAILED, ECONNRESET);
	check(close(watch) == 0, "the watch stays open");
}

static void *end_soon(void *watch)
{
	usleep(100000);
	shutdown(*(int *)watch, SHUT_RD);
	return NULL;
}

static void check_shutdown(int fd)
{
	struct odm_event event;
	pthread_t thread;
	int watch = watch_of(fd, "no-events");
	pthread_create(&thread, NULL, end_soon, &watch);
	CHECK_CALL("shutdown ends the wait", odm_next_event(watch, &event), EAI_REQUIREDIPFAILED, ECONNRESET);
	pthread_join(thread, NULL);
	close(watch);
}

static void check_wrong_events(int fd)
{
	static const char *const behaviours[] = {
		"event-short", "event-long", "event-huge", "event-is-reply", "event-not-ours", "event-0", "event-5",
		"event-reply", "event-type-0", "event-type-5", "event-type-8", "event-reserved-6", "event-reserved-12",
		"event-reserved-15", "event-no-address", "event-replaced-by-nothing",
	};
	struct odm_event event;
	for (size_t i = 0; i < sizeof behaviours / sizeof *behaviours; i++) {
		int watch = watch_of(fd, behaviours[i]);
		event.what = 77;
		CHECK_CALL(behaviours[i], odm_next_event(watch, &event), EAI_REQUIREDIPFAILED, EBADMSG);
		check(event.what == 77, "%s: the event is untouched", behaviours[i]);
		check(odm_next_event(watch, &event) == 0 && event.what == ODM_EVENT_DEPRECATED,
		      "%s: the next is good", behaviours[i]);
		close(watch);
	}
	int watch = watch_of(fd, "event-other-version");
	CHECK_CALL("event-other-version", odm_next_event(watch, &event), EAI_REQUIREDIPNOTSUPPORTED,
		   EPROTONOSUPPORT);
	close(watch);
}

static volatile sig_atomic_t signals, handler_wrong;
static int handler_socket;

static void call_in_handler(int number)
{
	struct odm_event event;
	int error = errno;
	(void)number;
	int watch = odm_watch(handler_socket);
	if (watch < 0 || odm_next_event(watch, &event) != 0 || errno != error ||
	    !is_event(&event, ODM_EVENT_REPLACED, 59999, "2001:db8:ffff::99", handler_socket))
		handler_wrong++;
	close(watch);
	signals++;
}

static void check_signals(int fd)
{
	struct sigaction action = { .sa_handler = call_in_handler }; /* no SA_RESTART: calls return EINTR */
	struct itimerval timer = { { 0, 2000 }, { 0, 2000 } }, stopped = { { 0, 0 }, { 0, 0 } };
	struct odm_event event;
	int right = 0;
	handler_socket = udp6();
	int slow = watch_of(fd, "slow-events");
	int many[20];
	for (int i = 0; i < 20; i++)
		many[i] = watch_of(fd, "many-events");
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	for (int i = 0; i < 20; i++)
		for (int j = 0; j < 200; j++)
			right += odm_next_event(many[i], &event) == 0 &&
				 is_event(&event, ODM_EVENT_REPLACED, 59999, "2001:db8:ffff::99", fd);
	for (int i = 0; i < 2; i++)
		right += odm_next_event(slow, &event) == 0;
	setitimer(ITIMER_REAL, &stopped, NULL);
	check(right == 4002 && signals > 10, "%d signals interrupt nothing", (int)signals);
	check(handler_wrong == 0, "a handler may watch too");
	for (int i = 0; i < 20; i++)
		close(many[i]);
	close(slow);
	close(handler_socket);
}

static void check_fork(int fd)
{
	struct odm_event event;
	int status, watch = watch_of(fd, "many-events");
	pid_t child = fork();
	if (child == 0)
		_exit(odm_next_event(watch, &event) == 0 && event.what == ODM_EVENT_REPLACED ? 0 : 1);
	waitpid(child, &status, 0);
	check(status == 0 && odm_next_event(watch, &event) == 0, "parent and child share the events of a watch");
	close(watch);
}

int main(int argc, char **argv)
{
	check_begin(argc, argv);
	int fd = udp6(), before = open_descriptors();
	check_events(fd);
	check_waiting(fd);
	check_ended(fd);
	check_shutdown(fd);
	check_wrong_events(fd);
	check_signals(fd);
	check_fork(fd);
	check(open_descriptors() == before, "no descriptor is left open");
	return check_end();
}
