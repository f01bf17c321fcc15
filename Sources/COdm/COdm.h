/* What libodm sees of C: its public header, checked against the Swift code, and what Swift cannot
 * import or say itself. Only include/odm/setsc.h is installed. */
#ifndef ODM_CODM_H
#define ODM_CODM_H

#include "../CLibc/CLibc.h"
#include "include/odm/setsc.h"

/* The kernel's setsockopt and getsockopt, under which libodm puts its own. syscall(2) is variadic. */
static inline int odm_kernel_setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
	return (int)syscall(SYS_setsockopt, fd, level, name, value, length);
}

static inline int odm_kernel_getsockopt(int fd, int level, int name, void *value, socklen_t *length)
{
	return (int)syscall(SYS_getsockopt, fd, level, name, value, length);
}

/* Memory of MarkedSockets, zero before any code runs. A Swift global of this kind is initialised
 * at first use behind a spin lock, on which a signal handler or a forked child could wait for ever. */
enum { ODM_MARKED_USED = 0, ODM_MARKED_NEXT = 1, ODM_MARKED_COOKIES = 2, ODM_MARKED_CAPACITY = 1024 };

static inline uint64_t *odm_marked_words(void)
{
	static uint64_t words[ODM_MARKED_COOKIES + ODM_MARKED_CAPACITY];
	return words;
}

#endif
