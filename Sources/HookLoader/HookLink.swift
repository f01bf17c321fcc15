import CBpf

/// What has a program run for a control group (bpf_link): until it is closed, unless it is pinned.
@safe struct HookLink: ~Copyable {
    private let handle: OpaquePointer

    private init(adopting handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe bpf_link__destroy(handle) }

    /// Beside the programs that others have attached there (BPF_LINK_CREATE).
    static func attach(
        _ program: HookProgram, to group: borrowing ControlGroup
    ) throws(LoaderError) -> HookLink {
        guard let handle = unsafe bpf_program__attach_cgroup(program.handle, group.number) else {
            throw .failure("attach \(program.name)", errno: odm_errno())
        }
        return unsafe HookLink(adopting: handle)
    }

    static func open(_ path: String) throws(LoaderError) -> HookLink {
        guard let handle = unsafe bpf_link__open(path) else {
            throw .failure("open \(path)", errno: odm_errno())
        }
        return unsafe HookLink(adopting: handle)
    }

    func pin(_ path: String) throws(LoaderError) {
        let result = unsafe bpf_link__pin(handle, path)
        guard result == 0 else { throw .failure("pin \(path)", errno: -result) }
    }

    /// Has the other program run instead, from one call to the next (BPF_LINK_UPDATE).
    func replace(with program: HookProgram) throws(LoaderError) {
        let result = unsafe bpf_link__update_program(handle, program.handle)
        guard result == 0 else { throw .failure("replace \(program.name)", errno: -result) }
    }

    /// The identifier of the control group; 0 if that is gone.
    func controlGroup() throws(LoaderError) -> UInt64 {
        var identifier: UInt64 = 0
        guard unsafe odm_link_control_group(bpf_link__fd(handle), &identifier) == 0 else {
            throw .failure("ask for a link", errno: odm_errno())
        }
        return identifier
    }
}
