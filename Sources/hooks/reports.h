/* Which sockets the daemon waits for, and what it is told. */
#ifndef ODM_REPORTS_H
#define ODM_REPORTS_H

#include "kernel.h"
#include "maps.h"

static __always_inline struct odm_hooks_state *hooks_state(void)
{
	__u32 first = 0;
	return bpf_map_lookup_elem(&state, &first);
}

static __always_inline void lose_report(void)
{
	struct odm_hooks_state *own = hooks_state();
	if (own) __sync_fetch_and_add(&own->lost, 1);
}

/* Where the socket's cookie is if it is tracked. NULL only for the verifier. */
static __always_inline __u64 *tracked_place(__u64 cookie)
{
	__u32 first = 0;
	struct odm_tracked *places = bpf_map_lookup_elem(&tracked, &first);
	return places ? &places->cookies[cookie % ODM_TRACKED_PLACES] : NULL;
}

/* The daemon changes places while we look at them. */
static __always_inline __u64 current(__u64 *place)
{
	return *(volatile __u64 *)place;
}

/* How often to try when others change the place at the same time: what they make of it ends at ANY. */
#define TRACK_ATTEMPTS 8

/* Has the end of the socket reported. Answers false if the place was being changed whenever we tried. */
static __always_inline bool track(__u64 cookie)
{
	__u64 *place = tracked_place(cookie);
	if (!place) return false;
	for (int attempt = 0; attempt < TRACK_ATTEMPTS; attempt++) {
		__u64 before = current(place);
		if (before == cookie || before == ODM_TRACKED_ANY) return true;
		__u64 after = before ? ODM_TRACKED_ANY : cookie;
		if (__sync_val_compare_and_swap(place, before, after) == before) return true;
	}
	return false;
}

#endif
