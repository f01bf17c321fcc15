/* bpf(2) as the daemon needs it: it opens maps that others have made, and reads and writes them. What it takes to load
 * programs is libbpf's, and the loader's, which has only the state in common with this. */
#ifndef ODM_CHOOKS_H
#define ODM_CHOOKS_H

#include "../CLibc/CLibc.h"

#include <linux/bpf.h>

#include "odm_hooks.h"

/* glibc has no bpf(2), and syscall(2) is variadic. */
static inline int odm_bpf(enum bpf_cmd command, union bpf_attr *attributes)
{
	return (int)syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

/* Whether this process is in the PID namespace whose numbers the programs tell (PROC_PID_INIT_INO, proc_ns.h). */
static inline int odm_sees_all_processes(void)
{
	struct stat status;
	return stat("/proc/self/ns/pid", &status) == 0 && status.st_ino == 0xEFFFFFFCu;
}

/* BPF_OBJ_GET: a descriptor of what stands at a path in a BPF file system. */
static inline int odm_bpf_open(const char *path)
{
	union bpf_attr attributes = { .pathname = (uintptr_t)path };
	return odm_bpf(BPF_OBJ_GET, &attributes);
}

/* BPF_MAP_UPDATE_ELEM, whether there is such an element or not. */
static inline int odm_bpf_update(int map, const void *key, const void *value)
{
	union bpf_attr attributes = { .map_fd = (__u32)map, .key = (uintptr_t)key, .value = (uintptr_t)value };
	return odm_bpf(BPF_MAP_UPDATE_ELEM, &attributes);
}

static inline int odm_bpf_delete(int map, const void *key)
{
	union bpf_attr attributes = { .map_fd = (__u32)map, .key = (uintptr_t)key };
	return odm_bpf(BPF_MAP_DELETE_ELEM, &attributes);
}

static inline int odm_bpf_lookup(int map, const void *key, void *value)
{
	union bpf_attr attributes = { .map_fd = (__u32)map, .key = (uintptr_t)key, .value = (uintptr_t)value };
	return odm_bpf(BPF_MAP_LOOKUP_ELEM, &attributes);
}

/* BPF_MAP_GET_NEXT_KEY: the first key if `key` is NULL, or in the map no more. */
static inline int odm_bpf_next_key(int map, const void *key, void *next)
{
	union bpf_attr attributes = { .map_fd = (__u32)map, .key = (uintptr_t)key, .next_key = (uintptr_t)next };
	return odm_bpf(BPF_MAP_GET_NEXT_KEY, &attributes);
}

/* The memory of a map that is one value (BPF_F_MMAPABLE), shared with the kernel; NULL and errno if it cannot be. */
static inline void *odm_map_value(int map, size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	return memory == MAP_FAILED ? NULL : memory;
}
static inline struct odm_hooks_state *odm_map_state(int map) { return odm_map_value(map, sizeof(struct odm_hooks_state)); }
static inline void odm_unmap_state(struct odm_hooks_state *state) { munmap(state, sizeof *state); }
/* Swift does not import arrays of that size. */
static inline struct odm_tracked *odm_map_tracked(int map) { return odm_map_value(map, sizeof(struct odm_tracked)); }
static inline void odm_unmap_tracked(struct odm_tracked *tracked) { munmap(tracked, sizeof *tracked); }

/* Puts a socket into "tracked". */
static inline void odm_track(struct odm_tracked *tracked, __u64 cookie)
{
	__u64 *place = &tracked->cookies[cookie % ODM_TRACKED_PLACES], found = 0;
	while (found != cookie && found != ODM_TRACKED_ANY) {
		const __u64 wanted = found == 0 ? cookie : ODM_TRACKED_ANY;
		if (__atomic_compare_exchange_n(place, &found, wanted, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) return;
	}
}

static inline __u64 odm_lost_reports(const struct odm_hooks_state *state)
{
	return __atomic_load_n(&state->lost, __ATOMIC_RELAXED);
}

static inline __u32 odm_hooks_version(const struct odm_hooks_state *state)
{
	return __atomic_load_n(&state->version, __ATOMIC_RELAXED);
}

/* The daemon reads the version while the loader writes it, and what was written before it must be there by then. */
static inline void odm_store_version(struct odm_hooks_state *state, __u32 version)
{
	__atomic_store_n(&state->version, version, __ATOMIC_RELEASE);
}

/* "reports" as it is mapped (kernel/bpf/ringbuf.c): the reader's position, the writers', and the records. */
struct odm_ring {
	unsigned long *consumer;
	const unsigned long *producer;
	const unsigned char *records;
};

/* mmap(2) of both parts; -1 and errno, with nothing left mapped, if one cannot be. */
static inline int odm_map_ring(int map, struct odm_ring *ring)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	if (consumer == MAP_FAILED) return -1;
	/* The records are there twice, one after the other, so that each can be read in one piece. */
	void *rest = mmap(NULL, page + 2 * ODM_REPORTS_OCTETS, PROT_READ, MAP_SHARED, map, (off_t)page);
	if (rest == MAP_FAILED) {
		munmap(consumer, page);
		return -1;
	}
	ring->consumer = consumer;
	ring->producer = rest;
	ring->records = (const unsigned char *)rest + page;
	return 0;
}

static inline void odm_unmap_ring(struct odm_ring *ring)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	munmap(ring->consumer, page);
	munmap((void *)ring->producer, page + 2 * ODM_REPORTS_OCTETS);
}

/* Takes the next report; 0 if there is none. One that is shorter than expected ends in zeros. */
static inline int odm_next_report(const struct odm_ring *ring, struct odm_report *report)
{
	unsigned long position = *ring->consumer;
	while (position != __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE)) {
		const __u32 *header = (const __u32 *)(ring->records + (position & (ODM_REPORTS_OCTETS - 1)));
		const __u32 word = __atomic_load_n(header, __ATOMIC_ACQUIRE);
		if (word & BPF_RINGBUF_BUSY_BIT) return 0;
		const __u32 length = word & ~(__u32)(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
		*report = (struct odm_report){ 0 };
		memcpy(report, header + 2, length < sizeof *report ? length : sizeof *report);
		position += (BPF_RINGBUF_HDR_SZ + (unsigned long)length + 7) & -8ul;
		__atomic_store_n(ring->consumer, position, __ATOMIC_RELEASE);
		if (!(word & BPF_RINGBUF_DISCARD_BIT)) return 1;
	}
	return 0;
}

#endif
