/* The ends of sockets, of whatever protocol, for those that the daemon waits for. */
#include "reports.h"

/* When the last descriptor of a socket has been closed (inet_release). */
SEC("cgroup/sock_release")
int odm_ended(struct bpf_sock *socket)
{
	if (socket->family != AF_INET6) return PASS;
	__u64 cookie = bpf_get_socket_cookie(socket);
	__u64 *place = tracked_place(cookie);
	__u64 marked = place ? current(place) : 0;
	if (marked != cookie && marked != ODM_TRACKED_ANY) return PASS;
	/* Unless another socket has made it ANY meanwhile. */
	if (marked == cookie) __sync_val_compare_and_swap(place, cookie, 0);
	struct odm_report report = { .kind = ODM_REPORT_CLOSED, .cookie = cookie };
	if (bpf_ringbuf_output(&reports, &report, ODM_REPORT_CLOSED_OCTETS, 0)) lose_report();
	return PASS;
}
