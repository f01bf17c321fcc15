import Posix

/// Has the kernel's programs give addresses of a type to this process, and what it becomes and starts.
func assignControlGroup(type: TypeName, options: Options) throws(Failure) {
    throw Failure("--kernel is not implemented", ExitStatus.unavailable)
}
