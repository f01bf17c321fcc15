#include "../CLibc/CLibc.h"
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <sys/vfs.h>

/* Swift does not import functions with a va_list. */
static inline int odm_print_warning(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, arguments) : 0;
}
static inline void odm_print_warnings(int wanted) { libbpf_set_print(wanted ? odm_print_warning : NULL); }

/* What kind of file system a path is on (statfs(2)); -1 and errno. Swift has the name for the structure. */
static inline long odm_file_system(const char *path)
{
	struct statfs found;
	return statfs(path, &found) == -1 ? -1 : (long)found.f_type;
}

/* The inode of an open file, which for a control group is its identifier; 0 if it cannot be told. */
static inline unsigned long long odm_inode(int descriptor)
{
	struct stat found;
	return fstat(descriptor, &found) == -1 ? 0 : found.st_ino;
}

/* The identifier of the control group that a link is attached to; struct bpf_link_info has nameless unions. */
static inline int odm_link_control_group(int link, unsigned long long *identifier)
{
	struct bpf_link_info information = { 0 };
	__u32 octets = sizeof(information);
	if (bpf_obj_get_info_by_fd(link, &information, &octets) != 0) return -1;
	*identifier = information.cgroup.cgroup_id;
	return 0;
}

/* Macros with a cast, or of constants that differ in type from one architecture to the next. */
static inline long odm_bpf_file_system(void) { return BPF_FS_MAGIC; }
static inline long odm_cgroup_file_system(void) { return CGROUP2_SUPER_MAGIC; }
