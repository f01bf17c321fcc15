import CLibc

/// A file that is to be executed, open for looking at.
public struct ProgramFile: ~Copyable {
    private let descriptor: Descriptor

    /// - Throws: what open(2) says; EACCES if it may be executed but not read.
    public static func open(_ path: String) throws(SystemError) -> ProgramFile {
        let number = try check("open \(path)") {
            unsafe odm_open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0)
        }
        return ProgramFile(descriptor: Descriptor(adopting: number))
    }

    private init(descriptor: consuming Descriptor) { self.descriptor = descriptor }

    /// The octets from an offset on: fewer than `count` where the file ends, or cannot be read.
    public func read(at offset: UInt64, count: Int) -> [UInt8] {
        guard let offset = Int(exactly: offset) else { return [] }
        let number = descriptor.number
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let outcome = retrying {
                    unsafe pread(number, buffer.baseAddress! + filled, count - filled, offset &+ filled)
                }
                guard outcome.result > 0 else { return }
                filled += outcome.result
            }
        }
    }
}
