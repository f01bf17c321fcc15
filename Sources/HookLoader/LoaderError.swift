import CBpf
public import Posix

/// Why the programs could not be loaded, unloaded or found. Reads as a log line.
public enum LoaderError: Error, Equatable {
    /// The object file cannot be read, or is none.
    case object(path: String, errno: Int32)
    /// Nothing can be pinned there: no BPF file system.
    case noBpfFileSystem(path: String)
    /// Nothing can be attached there: no control group of version 2.
    case noControlGroup(path: String)
    case noSuchUser(String)
    /// A privilege is missing.
    case notPermitted(operation: String)
    /// The kernel knows no programs for control groups.
    case unsupported
    /// The kernel's verifier, or what it checks before.
    case refused(errno: Int32)
    /// Programs that are loaded cannot be replaced by programs for another control group.
    case elsewhere(directory: String)
    case system(SystemError)

    static func failure(_ operation: String, errno: Int32) -> LoaderError {
        errno == EPERM ? .notPermitted(operation: operation) : .system(SystemError(operation, errno: errno))
    }
}

extension LoaderError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .object(let path, let errno): "object \(path): \(Self.text(ofLibbpf: errno))"
        case .noBpfFileSystem(let path):
            "\(path) is not on a BPF file system; mount one: mount -t bpf bpf /sys/fs/bpf"
        case .noControlGroup(let path): "\(path) is not a control group of version 2"
        case .noSuchUser(let name): "there is no user \(name)"
        case .notPermitted(let operation):
            "\(operation): not permitted; it takes CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON, and root's files CAP_CHOWN"
        case .unsupported: "the kernel has no BPF programs for control groups (CONFIG_CGROUP_BPF)"
        case .refused(let errno):
            "the kernel refused the programs: \(Self.text(ofLibbpf: errno)); --verbose says why"
        case .elsewhere(let directory):
            "what is loaded in \(directory) is for another control group; unload it first"
        case .system(let error): error.description
        }
    }

    /// libbpf has errors of its own beside the kernel's.
    private static func text(ofLibbpf errno: Int32) -> String {
        var text = [CChar](repeating: 0, count: 128)
        guard unsafe libbpf_strerror(errno, &text, text.count) == 0 else { return SystemError.text(errno) }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// What a program that ends with this error exits with.
    var exitStatus: Int32 {
        switch self {
        case .object, .noBpfFileSystem, .noControlGroup, .noSuchUser, .unsupported, .elsewhere: EX_UNAVAILABLE
        case .notPermitted: EX_NOPERM
        case .refused, .system: EX_OSERR
        }
    }
}
