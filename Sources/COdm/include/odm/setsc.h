/* <odm/setsc.h> - choose how durable the IPv6 source address of a socket is.
 *
 * The calls of draft-ietf-dmm-ondemand-mobility (published as RFC 8653), answered by odmd.
 * Compile and link with `pkg-config --cflags --libs odm`.
 *
 *     struct sockaddr_in6 source = { .sin6_family = AF_INET6 };
 *     int fd = socket(AF_INET6, SOCK_STREAM, 0);
 *     int status = setsc(fd, &source.sin6_addr, SESSION_LASTING_IPV6_ADDRESS);
 *     if (status == 0)
 *         bind(fd, (struct sockaddr *)&source, sizeof source);
 *
 * Every call may be made from any thread, from a signal handler and after fork(). Interrupted
 * system calls are taken up again, SIGPIPE is never raised, descriptors are close-on-exec, and
 * none is left open but those that are returned. No call is a thread cancellation point. errno is left alone on success.
 */
#ifndef ODM_SETSC_H
#define ODM_SETSC_H

#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Types of address (RFC 8653, section 3.2; the numbers: draft -12, section 6.1) ---- */

/* A continuity type: one of the four below. 0 and 5 to 7 are reserved. */
typedef uint8_t sc_type;

/* The same address for ever, used or not. */
#define FIXED_IPV6_ADDRESS 1
/* Valid while a socket uses it, wherever the host moves. */
#define SESSION_LASTING_IPV6_ADDRESS 2
/* Valid on the network that it came from. */
#define NON_PERSISTENT_IPV6_ADDRESS 3
/* Replaced at a move, with a time in which the old and the new address both work. */
#define GRACEFUL_REPLACEMENT_IPV6_ADDRESS 4

/* The names that the draft's example uses. */
#define IPV6_REQUIRE_FIXED_IP FIXED_IPV6_ADDRESS
#define IPV6_REQUIRE_SESSION_LASTING_IP SESSION_LASTING_IPV6_ADDRESS
#define IPV6_REQUIRE_NON_PERSISTENT_IP NON_PERSISTENT_IPV6_ADDRESS
#define IPV6_REQUIRE_GRACEFUL_REPLACEMENT_IP GRACEFUL_REPLACEMENT_IPV6_ADDRESS

/* ---- What the calls return ----
 *
 * 0 for success, or a negative status; errno then says more.
 *
 * EAI_REQUIREDIPNOTSUPPORTED: there is nothing here that could give such an address.
 *     ENOENT, ECONNREFUSED  no daemon
 *     ENOTSUP               the daemon has no source of addresses of the type
 *     EXDEV                 the socket is of another network namespace than the daemon
 *     EPROTONOSUPPORT       the daemon speaks another version of the protocol
 *     EACCES, ENAMETOOLONG, EPROTOTYPE, ...  what connect(2) says of the daemon's socket
 * EAI_REQUIREDIPFAILED: the address could not be had this time.
 *     EADDRNOTAVAIL         every address is taken, or is another host's, or the network has none of the type
 *     ETIMEDOUT             the network did not answer in time
 *     ENETUNREACH           the network that gives such addresses is not there
 *     EACCES                the administrator does not let this user, or this program, have the type
 *     EDQUOT                the socket or the user has too much already
 *     EBUSY, EAGAIN, EMFILE the daemon is too busy
 *     ENOSPC, EROFS         the daemon cannot remember that it gave the address
 *     ECONNRESET            the daemon ended before it answered; odm_next_event(): it has ended the watch
 *     EBADMSG               what answered does not speak the protocol
 *     anything else         what the kernel said when the address was made
 * EAI_SYSTEM: the call itself could not be carried out.
 *     EBADF, ENOTSOCK       sockfd is no socket
 *     EAFNOSUPPORT          sockfd is not an IPv6 socket
 *     EINVAL                the type is reserved, a flag unknown, or the descriptor no request or watch
 *     EFAULT                a pointer is NULL
 *     ENOENT                getsc(), odm_watch(): the socket was given no address
 *     EAGAIN                odm_next_event(): there is no event yet, and the descriptor does not block
 *     EOPNOTSUPP            odm_watch(): the daemon is older than that
 *     EMFILE, ENFILE, ENOMEM, ENOBUFS  the process or the machine has no room for one more socket
 */
#define EAI_REQUIREDIPNOTSUPPORTED (-200)
#define EAI_REQUIREDIPFAILED (-201)
#ifndef EAI_SYSTEM /* <netdb.h> hides it from strict ISO C programs */
#define EAI_SYSTEM (-11)
#endif

/* ---- Where the address comes from ---- */

/* With this bit in the socket option IPV6_ADDR_PREFERENCES, setsc() gets a new address from a new
 * prefix of the network that serves the host now. Without it, an address is shared or reused.
 *
 *     int preferences;
 *     socklen_t size = sizeof preferences;
 *     getsockopt(fd, IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, &preferences, &size);
 *     preferences |= IPV6_REQUIRE_SRC_ON_NET;
 *     setsockopt(fd, IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, &preferences, size);
 *
 * The kernel has no such bit: libodm's own setsockopt() and getsockopt() keep it in the process,
 * and are otherwise those of the kernel. They serve code that is linked with libodm. The bit
 * follows the socket through dup() and fork(), not through exec() or to another process. It is
 * kept for the 1024 sockets that set it last. Each call sets it or, by its absence, clears it. */
#define IPV6_REQUIRE_SRC_ON_NET 0x10000

/* The same wish for one request, as a flag of setsc_start(). */
#define SC_ON_NET 0x1u

/* ---- Calls ---- */

/* Gets an address of a type for a socket. The socket is not changed: bind() it to the address.
 *
 * sockfd   an IPv6 socket, TCP or UDP
 * source   where the address is put; untouched if the call fails
 * type     the continuity type
 *
 * Waits for the daemon, which answers every request within its RequestTimeoutSec= (10 seconds if
 * not configured). Returns 0 or a status. */
int setsc(int sockfd, struct in6_addr *source, sc_type type);

/* Says which address a socket was given last, and of which type.
 *
 * Returns 0 or a status: EAI_SYSTEM with ENOENT if the socket was given none. */
int getsc(int sockfd, struct in6_addr *source, sc_type *type);

/* Begins what setsc() does, without waiting.
 *
 * flags    0 or SC_ON_NET
 *
 * Returns a descriptor, which is readable (POLLIN) when the answer is there, or a negative status.
 * Pass it to setsc_finish(). To give the request up, close() the descriptor. If the daemon is so
 * busy that waiting would be needed to reach it: EAI_REQUIREDIPFAILED with EAGAIN; try again later. */
int setsc_start(int sockfd, sc_type type, unsigned flags);

/* Takes the answer to a request that setsc_start() began, and closes the request's descriptor.
 *
 * Waits if the answer is not there yet. The descriptor is closed whatever is returned, unless it
 * is no request (EAI_SYSTEM with EBADF, ENOTSOCK or EINVAL). Returns 0 or a status, and puts the
 * address as setsc() does. */
int setsc_finish(int request, struct in6_addr *source);

/* ---- Watching ---- */

/* What happened to an address. */
/* No new socket gets it; those who have it can go on with it until it ends. */
#define ODM_EVENT_DEPRECATED 1
/* The same, and the replacement can be bound now. */
#define ODM_EVENT_REPLACED 2
/* It works no more. The sockets that are bound to it are ended, unless the administrator wants
 * them only to be told (OnLoss=tell). */
#define ODM_EVENT_REMOVED 3
/* What was deprecated is as good as before, and does not end. */
#define ODM_EVENT_RESTORED 4

/* For milliseconds: the address stays until its last socket is closed. */
#define ODM_NO_END 0xffffffffu

struct odm_event {
	int what; /* ODM_EVENT_... */
	sc_type type;
	uint32_t milliseconds; /* from when the event was told until the address ends; 0: it has ended */
	struct in6_addr address;
	struct in6_addr replacement; /* what new sockets get instead, or :: */
};

/* Begins to watch what becomes of the addresses that a socket was given, and of those that it is
 * given while it is watched. One that was given none yet cannot be watched: call setsc() first.
 *
 * Returns a descriptor, or a negative status: EAI_SYSTEM with ENOENT if the socket was given no
 * address. Waits for the daemon as setsc() does. The descriptor is readable (POLLIN) when there is
 * an event, or the watch has ended; close() it when you do not want to know any more. It does not
 * keep the socket open. Several watches of one socket are told the same. One user can have 192.
 *
 * If the address that the socket was given last is already deprecated, that is the first event. */
int odm_watch(int sockfd);

/* Takes the next event from a watch.
 *
 * watch    what odm_watch() returned
 * event    where the event is put; untouched if the call fails
 *
 * Waits for one, whatever signals come, unless the descriptor is O_NONBLOCK: then EAI_SYSTEM with
 * EAGAIN. (In another thread, shutdown(watch, SHUT_RD) ends the wait.)
 *
 * EAI_REQUIREDIPFAILED with ECONNRESET says that the daemon has ended the watch: because the socket
 * is closed, because the daemon ends, or because some hundred events were not taken and the next
 * is lost. If the socket is still open, odm_watch() it again, and nothing that matters is missed.
 *
 * Returns 0 or a status. The descriptor stays open whatever is returned. */
int odm_next_event(int watch, struct odm_event *event);

/* ---- Statuses in words ---- */

/* Describes a status; errno is not part of it. Other EAI_ codes are described as gai_strerror(3) does.
 * Never NULL, and not to be freed. */
const char *odm_strerror(int status);

#ifdef __cplusplus
}
#endif

#endif
