/* The libc headers that our Swift needs, and what Swift cannot import from them.
 *
 * Package.swift defines _GNU_SOURCE for all our targets: two Clang modules that see libc differently do not
 * mix. */
#ifndef ODM_CLIBC_H
#define ODM_CLIBC_H

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/kcmp.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fsuid.h>
#include <linux/capability.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "Subprocess.h"

/* errno is a macro around a function call; Embedded Swift has no Glibc overlay for it. */
static inline int odm_errno(void) { return errno; }
static inline void odm_set_errno(int value) { errno = value; }

/* A variable that everybody may change is nothing that Swift lets us read. */
static inline char **odm_environment(void) { return environ; }

/* open(2) is variadic. */
static inline int odm_open(const char *path, int flags, mode_t mode) { return open(path, flags, mode); }

/* fcntl(2) is variadic. */
static inline int odm_set_nonblocking(int descriptor) { return fcntl(descriptor, F_SETFL, O_NONBLOCK); }

/* Whether two tasks share their table of descriptors; glibc has no kcmp(2), and syscall(2) is variadic. */
static inline int odm_share_descriptors(pid_t one, pid_t other)
{
	return syscall(SYS_kcmp, one, other, KCMP_FILES, 0UL, 0UL) == 0;
}

/* Newer than glibc 2.36 (asm-generic/socket.h, Linux 6.5). */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

/* glibc has pidfd_open(2) and pidfd_send_signal(2) from 2.36 on; syscall(2) is variadic. */
static inline int odm_open_process(pid_t process) { return syscall(SYS_pidfd_open, process, 0U); }
static inline int odm_signal_process(int handle, int number)
{
	return syscall(SYS_pidfd_send_signal, handle, number, NULL, 0U);
}

/* PIDFD_GET_INFO (linux/pidfd.h, Linux 6.13), newer than the headers: the identifier of a process's control group. */
static inline int odm_control_group(int handle, unsigned long long *identifier)
{
	struct {
		unsigned long long mask, control_group;
		unsigned int numbers[12];
	} information = { .mask = 1ULL << 2 }; /* PIDFD_INFO_CGROUPID */
	if (ioctl(handle, _IOWR(0xFF, 11, information), &information) == -1) return -1;
	*identifier = information.control_group;
	if (information.mask & 1ULL << 2) return 0;
	errno = ENODATA;
	return -1;
}

/* glibc has no capget(2). */
static inline int odm_has_capability(int capability)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
	if (syscall(SYS_capget, &header, data) == -1) return 0;
	return data[capability / 32].effective >> capability % 32 & 1;
}

/* prctl(2) is variadic. Whether no program that this process executes gets privileges by its file. */
static inline int odm_has_no_new_privileges(void) { return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1; }

/* ioctl(2) is variadic, and Swift does not import TIOCGWINSZ. Zeros if the descriptor is no terminal. */
static inline struct winsize odm_terminal_size(int descriptor)
{
	struct winsize size = { 0 };
	if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) size = (struct winsize){ 0 };
	return size;
}

/* Gives back the pages of the program itself, which are read from its file again as they are needed: of what a start has
 * run through, most is not used again. From the first to the end of the text (end(3), ld.lld) nothing is ever written. */
static inline void odm_forget_text(void)
{
	extern char __executable_start[], etext[];
	const unsigned long page = sysconf(_SC_PAGESIZE);
	const unsigned long start = (unsigned long)__executable_start & -page, end = (unsigned long)etext & -page;
	madvise((void *)start, end - start, MADV_DONTNEED);
}

/* CMSG_FIRSTHDR, CMSG_NXTHDR and CMSG_DATA (cmsg(3)) are macros. NULL at the end. */
static inline struct cmsghdr *odm_first_control(struct msghdr *message) { return CMSG_FIRSTHDR(message); }
static inline struct cmsghdr *odm_next_control(struct msghdr *message, struct cmsghdr *control)
{
	return CMSG_NXTHDR(message, control);
}
static inline void *odm_control_data(struct cmsghdr *control) { return CMSG_DATA(control); }

#endif
