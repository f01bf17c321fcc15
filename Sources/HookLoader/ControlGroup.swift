import CBpf
import Posix

/// A control group of version 2 to which programs are attached.
struct ControlGroup: ~Copyable {
    private let descriptor: Descriptor
    /// What the kernel calls it.
    let identifier: UInt64

    private init(adopting descriptor: consuming Descriptor) {
        identifier = odm_inode(descriptor.number)
        self.descriptor = descriptor
    }

    var number: Int32 { descriptor.number }

    static func open(_ path: String) throws(LoaderError) -> ControlGroup {
        guard unsafe odm_file_system(path) == odm_cgroup_file_system() else {
            throw .noControlGroup(path: path)
        }
        let number = unsafe odm_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard number >= 0 else { throw .failure("open \(path)", errno: odm_errno()) }
        return ControlGroup(adopting: Descriptor(adopting: number))
    }
}
