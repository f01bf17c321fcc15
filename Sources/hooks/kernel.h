/* What the programs know of the kernel: of its structures the members that they read, which libbpf finds in the kernel
 * that runs (BTF), and constants that no header has for programs without a libc. */
#ifndef ODM_KERNEL_H
#define ODM_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include <linux/bpf.h>
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define AF_INET6 10
#define SOCK_STREAM 1
#define SOCK_DGRAM 2

/* Continuity types of addresses that stay as long as their sockets (odm/setsc.h). */
#define TYPE_FIXED 1
#define TYPE_SESSION_LASTING 2

/* sk_userlocks: bind() has chosen the port (net/sock.h). */
#define SOCK_BINDPORT_LOCK 8

/* What a program of a control group answers. */
enum answer { REFUSE = 0, PASS = 1 };

#define IN_KERNEL __attribute__((preserve_access_index))

struct inode {
	unsigned long i_ino;
} IN_KERNEL;

struct socket {
	short type;
} IN_KERNEL;

/* What socket(2) allocates. */
struct socket_alloc {
	struct socket socket;
	struct inode vfs_inode;
} IN_KERNEL;

struct sock {
	__u8 sk_userlocks : 4, sk_kern_sock : 1;
	struct socket *sk_socket;
} IN_KERNEL;

typedef struct {
	__u32 val;
} IN_KERNEL kuid_t;

struct cred {
	kuid_t euid;
} IN_KERNEL;

struct task_struct {
	const struct cred *cred;
} IN_KERNEL;

/* Who runs, in the initial user namespace. bpf_get_current_uid_gid() tells the real user. */
static __always_inline __u32 effective_user(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u32 user = 0;
	BPF_CORE_READ_INTO(&user, task, cred, euid.val);
	return user;
}

/* A socket as the kernel has it. The verifier lets nobody reckon with the pointer that a program is given, only with what
 * was read from somewhere. bpf_rdonly_cast() can replace this when 6.2 is the oldest kernel. */
static __always_inline struct sock *kernel_socket(struct bpf_sock *socket)
{
	struct sock *address = NULL;
	bpf_probe_read_kernel(&address, sizeof(address), &socket);
	return address;
}

/* The inode of the socket's file (SOCK_INODE()), by which the processes that have it can be found; 0 if it cannot be told. */
static __always_inline __u32 inode_of(struct sock *socket)
{
	void *file = BPF_CORE_READ(socket, sk_socket);
	const __u64 apart = bpf_core_field_offset(struct socket_alloc, vfs_inode) -
		bpf_core_field_offset(struct socket_alloc, socket);
	struct inode *inode = file + apart;
	return file ? BPF_CORE_READ(inode, i_ino) : 0;
}

#endif
