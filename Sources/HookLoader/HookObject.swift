import CBpf
import Posix

/// The object file of the programs (bpf_object), with what the kernel has made of it.
@safe struct HookObject: ~Copyable {
    /// The maps that odm_hooks.h describes. libbpf makes others for constants, which nobody looks for.
    static let mapNames = ["state", "tracked", "reports", "options", "assignments", "addresses"]

    private let handle: OpaquePointer

    private init(adopting handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe bpf_object__close(handle) }

    static func open(_ path: String) throws(LoaderError) -> HookObject {
        guard let handle = unsafe bpf_object__open_file(path, nil) else {
            throw .object(path: path, errno: odm_errno())
        }
        let object = unsafe HookObject(adopting: handle)
        for name in mapNames where unsafe bpf_object__find_map_by_name(handle, name) == nil {
            throw .object(path: path, errno: EINVAL)
        }
        return object
    }

    /// Has the programs use the maps that are pinned already; those that are not are made, and pinned.
    func keepMaps(in directory: HookDirectory) throws(LoaderError) {
        for name in Self.mapNames {
            let path = directory.map(name)
            let result = unsafe bpf_map__set_pin_path(bpf_object__find_map_by_name(handle, name), path)
            guard result == 0 else { throw .failure("keep \(path)", errno: -result) }
        }
    }

    /// Brings maps and programs into the kernel. Nothing runs yet.
    func load() throws(LoaderError) {
        let result = unsafe bpf_object__load(handle)
        guard result < 0 else { return }
        if result == -EPERM { throw .notPermitted(operation: "load the programs") }
        guard libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_CGROUP_SOCKOPT, nil) != 0 else { throw .unsupported }
        throw .refused(errno: -result)
    }

    /// Pins new maps in the place of those that may be there.
    func pinMaps(in directory: HookDirectory) throws(LoaderError) {
        for name in Self.mapNames {
            let path = directory.map(name)
            try directory.remove(path)
            let result = unsafe bpf_map__pin(bpf_object__find_map_by_name(handle, name), path)
            guard result == 0 else { throw .failure("pin \(path)", errno: -result) }
        }
    }

    /// Calls `body` with each program, which is valid as long as this.
    func forEachProgram(_ body: (HookProgram) throws(LoaderError) -> Void) throws(LoaderError) {
        var next = unsafe bpf_object__next_program(handle, nil)
        while let program = unsafe next {
            try body(unsafe HookProgram(program))
            unsafe next = bpf_object__next_program(handle, program)
        }
    }
}

/// A program of a `HookObject`, which owns it.
@safe struct HookProgram {
    let handle: OpaquePointer

    init(_ handle: OpaquePointer) { unsafe self.handle = handle }

    var name: String { unsafe String(cString: bpf_program__name(handle)) }
}
