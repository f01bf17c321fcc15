import CPreload
import Synchronization

/// A set of descriptors, one bit for each.
///
/// A descriptor is taken out when socket(2) returns it: it is a new socket then. A datagram socket that takes the number
/// of a closed one by dup(2), or comes from another process, is not noticed, and left as it is.
struct DescriptorSet {
    /// Datagram sockets for which nothing is left to do, so that a datagram costs no system call more.
    static let settled = DescriptorSet(index: ODM_SETTLED)
    /// Sockets that were bound to the wildcard and to whatever port the kernel chose.
    static let anyPort = DescriptorSet(index: ODM_ANY_PORT)

    private let index: Int

    @inline(__always)
    func contains(_ descriptor: CInt) -> Bool {
        guard let word = unsafe word(of: descriptor) else { return false }
        return unsafe word.pointee.load(ordering: .relaxed) & bit(of: descriptor) != 0
    }

    func insert(_ descriptor: CInt) {
        _ = unsafe word(of: descriptor)?.pointee.bitwiseOr(bit(of: descriptor), ordering: .relaxed)
    }

    @inline(__always)
    func remove(_ descriptor: CInt) {
        guard contains(descriptor) else { return }
        _ = unsafe word(of: descriptor)?.pointee.bitwiseAnd(~bit(of: descriptor), ordering: .relaxed)
    }

    private func bit(of descriptor: CInt) -> UInt64 { 1 << (UInt64(descriptor) % 64) }

    /// Nil for a descriptor of which nothing is remembered.
    private func word(of descriptor: CInt) -> UnsafePointer<Atomic<UInt64>>? {
        guard descriptor >= 0, descriptor < ODM_SET_DESCRIPTORS else { return nil }
        return unsafe Self.words() + index * Int(ODM_SET_DESCRIPTORS / 64) + Int(descriptor / 64)
    }

    /// Never inlined: each object file that uses the C function gets words of its own, so only this one may.
    @inline(never)
    private static func words() -> UnsafePointer<Atomic<UInt64>> {
        unsafe UnsafeRawPointer(odm_set_words()).assumingMemoryBound(to: Atomic<UInt64>.self)
    }
}
