/* What the preloaded library sees of C beside libodm's: the functions that it stands before, and its line in the log. */
#ifndef ODM_CPRELOAD_H
#define ODM_CPRELOAD_H

#include "../COdm/COdm.h"

#include <dlfcn.h>
#include <linux/in6.h>
#include <stddef.h>

/* The functions of this name that come after ours: libc's, or those of another preloaded library. They, and not the
 * system calls, because they are where a thread can be cancelled. */
struct odm_next {
	int (*connect)(int, const struct sockaddr *, socklen_t);
	int (*bind)(int, const struct sockaddr *, socklen_t);
	int (*listen)(int, int);
	int (*socket)(int, int, int);
	ssize_t (*sendto)(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
	ssize_t (*sendmsg)(int, const struct msghdr *, int);
	int (*sendmmsg)(int, struct mmsghdr *, unsigned, int);
	/* NULL where the program has no libodm; then nobody calls them. */
	int (*setsc)(int, struct in6_addr *, sc_type);
	int (*setsc_start)(int, sc_type, unsigned);
};

/* dlsym(3) with RTLD_NEXT, a macro, which looks from the library that this is compiled into. */
static inline void odm_find_next(struct odm_next *next)
{
	*(void **)&next->bind = dlsym(RTLD_NEXT, "bind");
	*(void **)&next->listen = dlsym(RTLD_NEXT, "listen");
	*(void **)&next->socket = dlsym(RTLD_NEXT, "socket");
	*(void **)&next->sendto = dlsym(RTLD_NEXT, "sendto");
	*(void **)&next->sendmsg = dlsym(RTLD_NEXT, "sendmsg");
	*(void **)&next->sendmmsg = dlsym(RTLD_NEXT, "sendmmsg");
	*(void **)&next->setsc = dlsym(RTLD_NEXT, "setsc");
	*(void **)&next->setsc_start = dlsym(RTLD_NEXT, "setsc_start");
	/* Says that the others are there. */
	__atomic_store_n((void **)&next->connect, dlsym(RTLD_NEXT, "connect"), __ATOMIC_RELEASE);
}

/* Zero before any code runs: static initialisers of other libraries may call us before ours. */
static inline struct odm_next *odm_next_functions(void)
{
	static struct odm_next next;
	return &next;
}

/* Words that threads share; WISHES, what ODM_RUN says; IMPATIENT_UNTIL, when; LAST_REASON, what the log was told. */
enum { ODM_WORD_WISHES, ODM_WORD_IMPATIENT_UNTIL, ODM_WORD_LAST_REASON, ODM_WORDS };

static inline uint64_t *odm_preload_words(void)
{
	static uint64_t words[ODM_WORDS];
	return words;
}

/* The bits of DescriptorSet: two sets, and how many descriptors each has room for. */
enum { ODM_SETTLED, ODM_ANY_PORT, ODM_SETS, ODM_SET_DESCRIPTORS = 1 << 16 };

static inline uint64_t *odm_set_words(void)
{
	static uint64_t words[ODM_SETS * ODM_SET_DESCRIPTORS / 64];
	return words;
}

/* sin6_addr of an IPv6 socket address, which may be unaligned and lack what comes after: Embedded Swift has no offsets. */
static inline struct in6_addr odm_ipv6_address(const struct sockaddr *address)
{
	struct in6_addr found;
	memcpy(&found, (const char *)address + offsetof(struct sockaddr_in6, sin6_addr), sizeof found);
	return found;
}

/* fcntl(2) is variadic. */
static inline int odm_status_flags(int descriptor) { return fcntl(descriptor, F_GETFL); }
static inline int odm_set_status_flags(int descriptor, int flags) { return fcntl(descriptor, F_SETFL, flags); }

/* SO_RCVTIMEO. */
static inline void odm_limit_receiving(int descriptor, struct timeval limit)
{
	odm_kernel_setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

/* IP_BIND_ADDRESS_NO_PORT (linux/in.h). */
static inline int odm_postpone_port(int descriptor, int on)
{
	return odm_kernel_setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
}

/* The time, in milliseconds since the machine was started. */
static inline uint64_t odm_now_milliseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* One line to the system's log (/dev/log, RFC 3164 as journald and others take it), if there is one that has room.
 * syslog(3) would keep a descriptor open, and take locks. */
static inline void odm_log(const char *format, const char *first, const char *second)
{
	enum { USER_WARNING = 1 << 3 | 4 };
	static const struct sockaddr_un log = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };
	char line[512];
	int used = snprintf(line, sizeof line, "<%d>%.64s[%d]: ", USER_WARNING, program_invocation_short_name, getpid());
	int length = used + snprintf(line + used, sizeof line - (size_t)used, format, first, second);
	if (length >= (int)sizeof line) length = sizeof line - 1;
	int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (descriptor == -1) return;
	sendto(descriptor, line, (size_t)length, MSG_NOSIGNAL, (const struct sockaddr *)&log, sizeof log);
	close(descriptor);
}

#endif
