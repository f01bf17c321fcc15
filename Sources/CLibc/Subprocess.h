/* Starting a program that shall have nothing of ours but three pipes.
 *
 * posix_spawn(3) can neither change the user nor give up capabilities, and between fork() and execve() only
 * async-signal-safe functions may be called, which nothing compiled from Swift is. Hence C. */
#ifndef ODM_SUBPROCESS_H
#define ODM_SUBPROCESS_H

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the way from fork() to the program may end. */
enum odm_start_step { ODM_START_PREPARE = 1, ODM_START_BECOME, ODM_START_EXECUTE };

/* What the child writes to `report` if it does not become the program: all of it or nothing. */
struct odm_start_failure {
	int step; /* enum odm_start_step */
	int error; /* errno */
};

struct odm_start {
	const char *path;
	char *const *arguments;
	char *const *environment;
	/* Become 0, 1 and 2. All four have FD_CLOEXEC. */
	int input, output, errors;
	int report;
	/* Not 0: take on this user and group. */
	int becomes;
	uid_t user;
	gid_t group;
};

static inline void odm_start_check(const struct odm_start *start, int step, int result)
{
	if (result != -1) return;
	struct odm_start_failure failure = { step, errno };
	/* If that fails too, exit status 127 must do. */
	if (write(start->report, &failure, sizeof failure) == -1) {}
	_exit(127);
}

/* A copy that is not in the way of 0, 1 and 2: the daemon may have been started without them. */
static inline int odm_start_move(const struct odm_start *start, int descriptor)
{
	int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
	odm_start_check(start, ODM_START_PREPARE, copy);
	return copy;
}

static inline void odm_start_place_descriptors(struct odm_start *start)
{
	start->report = odm_start_move(start, start->report);
	int pipes[3] = { odm_start_move(start, start->input), odm_start_move(start, start->output),
	                 odm_start_move(start, start->errors) };
	for (int number = 0; number < 3; number++)
		odm_start_check(start, ODM_START_PREPARE, dup2(pipes[number], number));
	/* Everything else of ours should have FD_CLOEXEC; this makes sure. */
	odm_start_check(start, ODM_START_PREPARE, close_range(3, ~0U, CLOSE_RANGE_CLOEXEC));
}

static inline void odm_start_prepare(struct odm_start *start)
{
	odm_start_place_descriptors(start);
	/* A session is a process group too, by which all that the program starts can be killed. */
	odm_start_check(start, ODM_START_PREPARE, setsid());
	odm_start_check(start, ODM_START_PREPARE, chdir("/"));
	umask(022);
	/* The daemon raises its own limit; programs that use select(2) break above this one (systemd.exec(5)). */
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > 1024) {
		limit.rlim_cur = 1024;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* Gives up what the daemon may do, for good.
 *
 * The raw calls: glibc's own want to tell the other threads, which are not in the child. */
static inline void odm_start_become(const struct odm_start *start)
{
	odm_start_check(start, ODM_START_BECOME, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	if (start->becomes) {
		odm_start_check(start, ODM_START_BECOME, (int)syscall(SYS_setgroups, 0, (void *)0));
		odm_start_check(start, ODM_START_BECOME,
		                (int)syscall(SYS_setresgid, start->group, start->group, start->group));
		odm_start_check(start, ODM_START_BECOME,
		                (int)syscall(SYS_setresuid, start->user, start->user, start->user));
	}
	/* Whoever is not root has after execve() what is ambient, and no more. */
	odm_start_check(start, ODM_START_BECOME, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
	if (geteuid() != 0) return;
	/* After PR_SET_NO_NEW_PRIVS it does not give root anything back. */
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
	odm_start_check(start, ODM_START_BECOME, (int)syscall(SYS_capset, &header, none));
}

/* A daemon that is killed takes its questions with it: the program is told as when nobody waits any more.
 * After the change of user, which would undo it. */
static inline void odm_start_die_with(const struct odm_start *start, pid_t parent)
{
	odm_start_check(start, ODM_START_PREPARE, prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0));
	if (getppid() != parent) _exit(127);
}

/* execve() keeps ignored signals ignored and blocked ones blocked. */
static inline void odm_start_reset_signals(void)
{
	for (int number = 1; number <= SIGRTMAX; number++) signal(number, SIG_DFL);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, (void *)0);
}

static inline void odm_start_child(struct odm_start *start, pid_t parent)
{
	odm_start_prepare(start);
	odm_start_become(start);
	odm_start_die_with(start, parent);
	odm_start_reset_signals();
	odm_start_check(start, ODM_START_EXECUTE, execve(start->path, start->arguments, start->environment));
}

/* Starts the program and does not wait for it to run.
 *
 * Returns its process and, in *process_descriptor, its pidfd; -1 and errno if there is none. */
static inline pid_t odm_start_program(struct odm_start start, int *process_descriptor)
{
	/* No handler of ours runs in the child. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid_t parent = getpid();
	pid_t process = fork();
	if (process == 0) odm_start_child(&start, parent);
	int error = errno;
	pthread_sigmask(SIG_SETMASK, &before, (void *)0);
	if (process > 0) {
		*process_descriptor = pidfd_open(process, 0);
		if (*process_descriptor != -1) return process;
		error = errno;
		kill(process, SIGKILL);
		waitpid(process, (void *)0, 0);
	}
	errno = error;
	return -1;
}

#endif
