/* The maps that odm_hooks.h describes. Their names are those of their files. */
#ifndef ODM_MAPS_H
#define ODM_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "../CHooks/odm_hooks.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct odm_hooks_state);
} state SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct odm_tracked);
} tracked SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, ODM_REPORTS_OCTETS);
} reports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct odm_options);
} options SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ODM_ASSIGNMENTS_LIMIT);
	__type(key, __u64);
	__type(value, __u32);
} assignments SEC(".maps");

struct odm_address {
	__u8 octets[16];
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ODM_ADDRESSES_LIMIT);
	__type(key, __u32);
	__type(value, struct odm_address);
} addresses SEC(".maps");

#endif
