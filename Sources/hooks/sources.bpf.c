/* Source addresses for sockets of programs that know nothing of odmd, by the control group that a program is in. A call
 * never fails because of us: what cannot be done is left to the kernel, which chooses an address as ever. */
#include "reports.h"

/* Whether a source address matters on the way there. */
static __always_inline bool is_elsewhere(struct bpf_sock_addr *call)
{
	__u32 first = call->user_ip6[0], second = call->user_ip6[1], third = call->user_ip6[2], last = call->user_ip6[3];
	bool begins_with_zeros = !first && !second;
	if (begins_with_zeros && !third && (!last || last == bpf_htonl(1))) return false; /* ::, ::1 */
	if (begins_with_zeros && third == bpf_htonl(0xffff)) return false; /* ::ffff:0:0/96 */
	if ((first & bpf_htonl(0xffc00000)) == bpf_htonl(0xfe800000)) return false; /* fe80::/10 */
	return (first & bpf_htonl(0xff000000)) != bpf_htonl(0xff000000); /* ff00::/8 */
}

static __always_inline bool has_address(struct bpf_sock *socket)
{
	return socket->src_ip6[0] || socket->src_ip6[1] || socket->src_ip6[2] || socket->src_ip6[3];
}

/* Whether the kernel chooses the source of what the socket sends, for a program and not for itself. The end of a socket of
 * the kernel is not reported. */
static __always_inline bool is_open_to_us(struct bpf_sock *socket)
{
	if (socket->family != AF_INET6 || (socket->type != SOCK_STREAM && socket->type != SOCK_DGRAM)) return false;
	if (has_address(socket)) return false;
	if (BPF_CORE_READ_BITFIELD_PROBED(kernel_socket(socket), sk_kern_sock)) return false;
	struct odm_options *own = bpf_sk_storage_get(&options, socket, 0, 0);
	return !own || !(own->preferences || own->on_net);
}

/* The type that the innermost assigned control group of the calling process has; 0 if there is none. */
static __always_inline __u32 assigned_type(void)
{
	for (int depth = ODM_ASSIGNMENTS_DEPTH; depth >= 0; depth--) {
		__u64 group = bpf_get_current_ancestor_cgroup_id(depth);
		__u32 *type = group ? bpf_map_lookup_elem(&assignments, &group) : NULL;
		if (type) return *type;
	}
	return 0;
}

struct source {
	__u32 type;
	struct odm_address address;
};

static __always_inline bool find_source(struct source *source)
{
	source->type = assigned_type();
	struct odm_address *address = bpf_map_lookup_elem(&addresses, &source->type);
	if (!address) return false;
	source->address = *address;
	return true;
}

/* Reports that the socket gets the address, and has its end reported. Answers false if there was no room for that. */
static __always_inline bool report_given(struct bpf_sock_addr *call, __u64 cookie, const struct source *source)
{
	struct odm_report *report = bpf_ringbuf_reserve(&reports, sizeof(*report), 0);
	if (!report) return false;
	*report = (struct odm_report){
		.kind = ODM_REPORT_GIVEN,
		.type = source->type,
		.cookie = cookie,
		.user = effective_user(),
		.process = bpf_get_current_pid_tgid() >> 32,
		.protocol = call->protocol,
		.inode = inode_of(kernel_socket(call->sk)),
	};
	__builtin_memcpy(report->address, &source->address, sizeof(report->address));
	/* First the mark, then the report of it. */
	if (!track(cookie)) {
		bpf_ringbuf_discard(report, 0);
		return false;
	}
	bpf_ringbuf_submit(report, 0);
	return true;
}

/* Whether the socket has been given an address that lasts as long as the socket, whatever others get by now. */
static __always_inline bool keeps_its_address(const struct odm_options *own)
{
	return own && (own->given == TYPE_FIXED || own->given == TYPE_SESSION_LASTING);
}

/* Reports once for each socket, of whose threads several may be sending. */
static __always_inline bool give(struct bpf_sock_addr *call, struct bpf_sock *socket, const struct source *source)
{
	__u64 cookie = bpf_get_socket_cookie(call);
	struct odm_options *own = bpf_sk_storage_get(&options, socket, 0, 0);
	if (own && own->given) return true;
	__u64 *place = tracked_place(cookie);
	/* It has called setsc() itself. */
	if (!place || current(place) == cookie) return false;
	own = bpf_sk_storage_get(&options, socket, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (own) __builtin_memcpy(own->address, &source->address, sizeof(own->address));
	if (own && __sync_lock_test_and_set(&own->given, source->type)) return true;
	if (own && report_given(call, cookie, source)) return true;
	if (own) own->given = 0;
	lose_report();
	return false;
}

/* Whether there is nobody to give an address to, or the socket is where there are none of ours. */
static __always_inline bool is_not_ours(struct bpf_sock_addr *call)
{
	struct odm_hooks_state *own = hooks_state();
	if (!own || !*(volatile __u32 *)&own->assignments) return true;
	return bpf_get_netns_cookie(call) != own->network;
}

SEC("cgroup/connect6")
int odm_connect(struct bpf_sock_addr *call)
{
	if (is_not_ours(call) || !is_elsewhere(call)) return PASS;
	struct bpf_sock *socket = call->sk;
	/* Who has a port cannot be bound any more. */
	if (!socket || socket->src_port || !is_open_to_us(socket)) return PASS;
	struct source source;
	if (!find_source(&source) || !give(call, socket, &source)) return PASS;
	struct sockaddr_in6 address = { .sin6_family = AF_INET6 };
	__builtin_memcpy(&address.sin6_addr, &source.address, sizeof(address.sin6_addr));
	bpf_bind(call, (struct sockaddr *)&address, sizeof(address));
	return PASS;
}

/* The kernel has given the socket a port by now if it had none, which is no reason to leave it alone. */
static __always_inline bool has_chosen_port(struct bpf_sock *socket)
{
	return BPF_CORE_READ_BITFIELD_PROBED(kernel_socket(socket), sk_userlocks) & SOCK_BINDPORT_LOCK;
}

/* Whether the message says where it comes from (IPV6_PKTINFO). */
static __always_inline bool has_source(struct bpf_sock_addr *call)
{
	return call->msg_src_ip6[0] || call->msg_src_ip6[1] || call->msg_src_ip6[2] || call->msg_src_ip6[3];
}

static __always_inline void set_source(struct bpf_sock_addr *call, const void *address)
{
	const __u32 *words = address;
	call->msg_src_ip6[0] = words[0];
	call->msg_src_ip6[1] = words[1];
	call->msg_src_ip6[2] = words[2];
	call->msg_src_ip6[3] = words[3];
}

SEC("cgroup/sendmsg6")
int odm_send(struct bpf_sock_addr *call)
{
	struct bpf_sock *socket = call->sk;
	if (!socket || !is_elsewhere(call) || has_source(call)) return PASS;
	struct odm_options *own = bpf_sk_storage_get(&options, socket, 0, 0);
	bool is_kept = keeps_its_address(own);
	if ((!is_kept && is_not_ours(call)) || !is_open_to_us(socket) || has_chosen_port(socket)) return PASS;
	if (own && is_kept) {
		set_source(call, own->address);
		return PASS;
	}
	struct source source;
	if (find_source(&source) && give(call, socket, &source)) set_source(call, &source.address);
	return PASS;
}
