/* What the programs in the kernel and the daemon have in common: the maps, which stand by these names in a directory of a
 * BPF file system, and what is in them. The programs are in Sources/hooks. */
#ifndef ODM_HOOKS_H
#define ODM_HOOKS_H

#include <linux/types.h>

/* Changes with anything here. A daemon that finds another works as if there were no hooks. */
#define ODM_HOOKS_VERSION 1

/* "state": BPF_MAP_TYPE_ARRAY of one, BPF_F_MMAPABLE. */
struct odm_hooks_state {
	__u32 version; /* ODM_HOOKS_VERSION; 0 when the programs have been taken away */
	__u32 assignments; /* how many control groups are in "assignments": while it is 0, nobody looks there */
	__u64 lost; /* reports for which there was no room; only ever grows */
	__u64 network; /* SO_NETNS_COOKIE of the daemon: nobody in another network namespace is given an address */
};

/* "tracked": BPF_MAP_TYPE_ARRAY of one, BPF_F_MMAPABLE. The SO_COOKIEs of the sockets whose end is to be reported, each at
 * the place of its number modulo the number of places: they are given out in sequence, so two hardly ever meet. Where
 * they do, or nobody knows any more, ODM_TRACKED_ANY has all reported that would have the place. Both sides change a place
 * by compare-and-exchange: from 0 to a cookie, from a cookie to ANY, and, when that socket ends, from the cookie to 0. */
#define ODM_TRACKED_PLACES (1 << 17)
#define ODM_TRACKED_ANY (~0ull)
struct odm_tracked {
	__u64 cookies[ODM_TRACKED_PLACES];
};

/* "reports": BPF_MAP_TYPE_RINGBUF, ODM_REPORTS_OCTETS. */
#define ODM_REPORTS_OCTETS (1 << 23)
enum odm_report_kind {
	/* The last descriptor of an inet socket was closed (inet_release). */
	ODM_REPORT_CLOSED = 1,
	/* A socket got its source address from "addresses", at connect() or for a datagram. It is in "tracked" already. */
	ODM_REPORT_GIVEN = 2,
};
struct odm_report {
	__u32 kind;
	__u32 type; /* GIVEN: the API's number of the continuity type */
	__u64 cookie; /* SO_COOKIE */
	/* What follows is in GIVEN only. */
	__u8 address[16];
	__u32 user; /* effective user in the initial user namespace */
	__u32 process; /* process (thread group) in the initial PID namespace */
	__u32 protocol; /* IPPROTO_TCP, IPPROTO_UDP, ... */
	__u32 inode; /* of the socket, as fstat(2) tells; 0 if not known */
};
/* Of a CLOSED report, only this much is there. */
#define ODM_REPORT_CLOSED_OCTETS 16

/* "options": BPF_MAP_TYPE_SK_STORAGE, BPF_F_CLONE as accept() copies socket options; what a program has set itself. */
struct odm_options {
	__u32 on_net; /* IPV6_REQUIRE_SRC_ON_NET is set in IPV6_ADDR_PREFERENCES */
	__u32 preferences; /* IPV6_ADDR_PREFERENCES was set, to whatever: the source address is the program's own choice */
	__u32 given; /* the type that was reported as GIVEN; 0 for none */
	__u8 address[16]; /* what it was given first */
};

/* "assignments": BPF_MAP_TYPE_HASH, the identifier of a control group of version 2 to the continuity type (the API's
 * number, __u32) of the processes in it and below it; the innermost group counts. */
#define ODM_ASSIGNMENTS_LIMIT 4096
/* Groups that are deeper than this are not looked at. */
#define ODM_ASSIGNMENTS_DEPTH 8

/* "addresses": BPF_MAP_TYPE_HASH, the API's number of a continuity type (__u32) to the address of the type (16 octets)
 * that those processes get now. A hash, because an element of one is replaced as a whole. */
#define ODM_ADDRESSES_LIMIT 8

#endif
