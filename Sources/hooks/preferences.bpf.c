/* IPV6_REQUIRE_SRC_ON_NET (RFC 8653, section 6.2) as a flag of the socket option IPV6_ADDR_PREFERENCES. The kernel accepts
 * flags that it does not know, and forgets them: it is kept here. */
#include "kernel.h"
#include "maps.h"

#define IPV6_REQUIRE_SRC_ON_NET 0x10000

/* Flags of which one excludes the other, as ip6_sock_set_addr_preferences() has them. */
#define PREFER_WHICH (IPV6_PREFER_SRC_TMP | IPV6_PREFER_SRC_PUBLIC | IPV6_PREFER_SRC_PUBTMP_DEFAULT)
#define PREFER_HOME_OR_NOT (IPV6_PREFER_SRC_HOME | IPV6_PREFER_SRC_COA)
#define PREFER_MADE_HOW (IPV6_PREFER_SRC_CGA | IPV6_PREFER_SRC_NONCGA)

static __always_inline bool is_single(__u32 flags)
{
	return !(flags & (flags - 1));
}

/* Whether the kernel accepts the value. It decides only after us. */
static __always_inline bool is_consistent(__u32 value)
{
	return is_single(value & PREFER_WHICH) && is_single(value & PREFER_HOME_OR_NOT) &&
	       is_single(value & PREFER_MADE_HOW);
}

static __always_inline bool is_preferences(struct bpf_sockopt *call)
{
	return call->level == IPPROTO_IPV6 && call->optname == IPV6_ADDR_PREFERENCES && call->sk &&
	       call->sk->family == AF_INET6;
}

/* The kernel would fail with EFAULT because of a value of which we see the first page only, unless told so that it is the
 * caller's buffer that counts. */
static __always_inline void leave_long_value(struct bpf_sockopt *call)
{
	if (call->optlen > call->optval_end - call->optval) call->optlen = 0;
}

/* Keeps what a call has set that will succeed. Answers false if there is no memory for that. */
static __always_inline bool keep_preferences(struct bpf_sock *socket, __u32 value)
{
	bool on_net = value & IPV6_REQUIRE_SRC_ON_NET, others = value & ~IPV6_REQUIRE_SRC_ON_NET;
	__u64 flags = on_net || others ? BPF_SK_STORAGE_GET_F_CREATE : 0;
	struct odm_options *own = bpf_sk_storage_get(&options, socket, 0, flags);
	if (!own) return !flags;
	own->on_net = on_net;
	if (others) own->preferences = 1;
	return true;
}

SEC("cgroup/setsockopt")
int odm_set_preferences(struct bpf_sockopt *call)
{
	if (is_preferences(call) && call->sk->protocol != IPPROTO_MPTCP && bpf_get_retval() == 0) {
		__u32 *value = call->optval;
		bool is_whole = call->optlen >= (int)sizeof(*value) && (void *)(value + 1) <= call->optval_end;
		if (is_whole && is_consistent(*value) && !keep_preferences(call->sk, *value)) {
			bpf_set_retval(-ENOMEM);
			return REFUSE;
		}
	}
	leave_long_value(call);
	return PASS;
}

/* The octet of the value that the flag is in, and the flag there: a caller may want fewer octets than the value has. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define ON_NET_OCTET 1
#else
#define ON_NET_OCTET 2
#endif

SEC("cgroup/getsockopt")
int odm_get_preferences(struct bpf_sockopt *call)
{
	if (is_preferences(call) && call->retval == 0) {
		struct odm_options *own = bpf_sk_storage_get(&options, call->sk, 0, 0);
		__u8 *octet = (__u8 *)call->optval + ON_NET_OCTET;
		if (own && own->on_net && call->optlen > ON_NET_OCTET && (void *)(octet + 1) <= call->optval_end)
			*octet |= IPV6_REQUIRE_SRC_ON_NET >> 16;
	}
	leave_long_value(call);
	return PASS;
}
