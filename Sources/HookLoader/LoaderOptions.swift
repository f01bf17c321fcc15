import Posix

/// What is loaded, and where to.
public struct LoaderOptions: Equatable, Sendable {
    /// The object file.
    public var object: String
    /// The directory of a control group of version 2.
    public var controlGroup: String
    /// On a BPF file system.
    public var pinDirectory = "/sys/fs/bpf/odm"
    /// The name of the user that the maps are for, or the number.
    public var owner = "odmd"
    /// Whether to say what libbpf and the kernel's verifier say.
    public var isVerbose = false

    /// - Parameter program: the file that runs, beside which the object is looked for.
    public init(program: String) {
        controlGroup = ControlGroups.mount ?? "/sys/fs/cgroup"
        object = Self.object(of: program)
    }

    /// In a build tree .build/made, beside .build/release, which is a link to a directory deeper down; else lib/odmd, beside
    /// sbin.
    private static func object(of program: String) -> String {
        let name = "odm-hooks.bpf.o"
        let steps = program.split(separator: "/").dropLast()
        let above = [1, 2].map { "/" + steps.dropLast($0).joined(separator: "/") }
        return above.map { "\($0)/made/\(name)" }.first(where: File.isThere) ?? "\(above[0])/lib/odmd/\(name)"
    }
}
