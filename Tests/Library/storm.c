/* Signals, threads, forks and cancellation while calls are under way. */
#include "check.h"

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
	(void)number;
	signals++;
}

static void handle(int number, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler }; /* no SA_RESTART: calls return EINTR */
	sigaction(number, &action, NULL);
}

static void interval_timer(int microseconds)
{
	struct itimerval timer = { { 0, microseconds }, { 0, microseconds } };
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void check_signals(int fd)
{
	struct in6_addr address;
	int right = 0, rounds = 0;
	behave("slow");
	handle(SIGALRM, count_signal);
	interval_timer(300);
	for (; rounds < 3; rounds++) {
		right += setsc(fd, &address, 2) == 0 && says(&address, 1, 0, 2, fd);
		int request = setsc_start(fd, 3, 0);
		right += setsc_finish(request, &address) == 0 && says(&address, 1, 0, 3, fd);
	}
	behave("granted");
	for (; rounds < 2003; rounds++)
		right += setsc(fd, &address, 2) == 0 && says(&address, 1, 0, 2, fd);
	interval_timer(0);
	check(right == rounds + 3 && signals > 100, "%d signals interrupt nothing", (int)signals);
}

static int handler_socket;
static volatile sig_atomic_t handler_right, handler_wrong;

static void call_in_handler(int number)
{
	struct in6_addr address;
	int value = IPV6_REQUIRE_SRC_ON_NET, error = errno;
	(void)number;
	if (setsockopt(handler_socket, IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, &value, sizeof value) == 0 &&
	    setsc(handler_socket, &address, 1) == 0 && says(&address, 1, 1, 1, handler_socket) && errno == error)
		handler_right++;
	else
		handler_wrong++;
}

static void check_handler(void)
{
	struct in6_addr address;
	int fd = udp6(), wrong = 0;
	handler_socket = udp6();
	behave("granted");
	handle(SIGALRM, call_in_handler);
	interval_timer(1000);
	for (int i = 0; i < 2000; i++) {
		int value = i % 2 ? IPV6_REQUIRE_SRC_ON_NET : 0;
		setsockopt(fd, IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, &value, sizeof value);
		wrong += setsc(fd, &address, 2) != 0 || !says(&address, 1, i % 2, 2, fd);
	}
	interval_timer(0);
	handle(SIGALRM, count_signal);
	check(wrong == 0 && handler_wrong == 0 && handler_right > 10, "%d calls from a signal handler",
	      (int)handler_right);
	close(fd), close(handler_socket);
}

enum { THREADS = 8, CALLS = 1000 };

static void *call_often(void *wrong)
{
	struct in6_addr address;
	for (int i = 0; i < CALLS; i++) {
		int fd = udp6(), on_net = i % 2, value = on_net ? IPV6_REQUIRE_SRC_ON_NET : 0;
		setsockopt(fd, IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, &value, sizeof value);
		sc_type type = (sc_type)(1 + i % 4);
		*(int *)wrong += setsc(fd, &address, type) != 0 || !says(&address, 1, on_net, type, fd);
		close(fd);
	}
	return NULL;
}

static int run_threads(void)
{
	pthread_t threads[THREADS];
	int wrong[THREADS] = { 0 }, total = 0;
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, call_often, &wrong[i]);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		total += wrong[i];
	}
	return total;
}

static volatile int forking;

static void *fork_often(void *failures)
{
	while (forking) {
		int status;
		pid_t child = fork();
		if (child == 0) {
			int fd = udp6(), wrong = 0, value = IPV6_REQUIRE_SRC_ON_NET;
			struct in6_addr address;
			setsockopt(fd, IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, &value, sizeof value);
			wrong = setsc(fd, &address, 2) != 0 || !says(&address, 1, 1, 2, fd);
			_exit(wrong);
		}
		waitpid(child, &status, 0);
		*(int *)failures += status != 0;
		((int *)failures)[1]++;
	}
	return NULL;
}

static void check_threads(void)
{
	int failures[2] = { 0, 0 };
	pthread_t forker;
	behave("granted");
	check(run_threads() == 0, "%d threads with %d calls each", THREADS, CALLS);
	forking = 1;
	pthread_create(&forker, NULL, fork_often, failures);
	int wrong = run_threads();
	forking = 0;
	pthread_join(forker, NULL);
	check(wrong == 0, "the same, while the process forks");
	check(failures[0] == 0 && failures[1] > 10, "%d children that call too", failures[1]);
}

static void *call_once(void *fd)
{
	struct in6_addr address;
	int result = setsc(*(int *)fd, &address, 2);
	pthread_testcancel();
	return (void *)(intptr_t)result;
}

static void check_cancellation(int fd)
{
	pthread_t thread;
	void *result;
	behave("slow");
	int before = open_descriptors();
	pthread_create(&thread, NULL, call_once, &fd);
	usleep(50000);
	pthread_cancel(thread);
	pthread_join(thread, &result);
	check(result == PTHREAD_CANCELED && open_descriptors() == before,
	      "a cancelled thread finishes the call, leaves nothing open, and is cancelled");
}

static void check_no_sigpipe(int fd)
{
	struct in6_addr address;
	signals = 0;
	handle(SIGPIPE, count_signal);
	behave("dying-at-once");
	for (int i = 0; i < 500; i++)
		if (setsc(fd, &address, 2) != EAI_REQUIREDIPFAILED || errno != ECONNRESET)
			check(0, "a daemon that ends at once: errno %d", errno);
	check(signals == 0, "no SIGPIPE");
}

static void check_waiting_in_queue(int fd)
{
	struct in6_addr address;
	int status;
	behave("full");
	pid_t child = fork();
	if (child == 0) {
		handle(SIGALRM, count_signal);
		interval_timer(1000);
		_exit(setsc(fd, &address, 2) == 0 ? 0 : 1);
	}
	usleep(200000);
	check(waitpid(child, &status, WNOHANG) == 0, "setsc waits in the daemon's queue, signals or not");
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
}

int main(int argc, char **argv)
{
	check_begin(argc, argv);
	int fd = udp6(), before = open_descriptors();
	check_signals(fd);
	check_handler();
	check_threads();
	check_cancellation(fd);
	check_no_sigpipe(fd);
	check_waiting_in_queue(fd);
	check(open_descriptors() == before, "no descriptor is left open");
	return check_end();
}
