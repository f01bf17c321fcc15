/* The programs that odmd-hooks(8) has the kernel run, for the sockets of a control group and those below it. They share
 * their maps, so they are one object. */
#include "sources.bpf.c"
#include "preferences.bpf.c"
#include "ends.bpf.c"

/* The licence of odmd, and since the kernel lets nobody else read its structures, the GNU GPL for who prefers that. */
char LICENSE[] SEC("license") = "Dual BSD/GPL";
