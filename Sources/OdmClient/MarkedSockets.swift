import COdm
import Synchronization

/// Sockets of which the library has to remember one thing, by SO_COOKIE: libodm those that have IPV6_REQUIRE_SRC_ON_NET
/// set, the preloaded library those for which the program has asked itself.
///
/// A ring of atomic words: a new cookie takes the place of the oldest. There is no lock, so a signal handler may
/// interrupt anything and a forked child finds the table in order. Nobody says when a socket is closed; since a cookie
/// is never given to another socket, what is left of closed ones is only memory, and the ring bounds it.
///
/// Operations are relaxed: a cookie publishes nothing but itself.
enum MarkedSockets {
    /// Whether no socket is marked; then nothing more has to be asked.
    static var isEmpty: Bool { unsafe word(ODM_MARKED_USED).pointee.load(ordering: .relaxed) == 0 }

    static func contains(_ cookie: UInt64) -> Bool {
        for place in 0..<capacity {
            if unsafe slot(place).pointee.load(ordering: .relaxed) == cookie { return true }
        }
        return false
    }

    static func insert(_ cookie: UInt64) {
        guard !contains(cookie) else { return }
        let turn = unsafe word(ODM_MARKED_NEXT).pointee.wrappingAdd(1, ordering: .relaxed).oldValue
        // Counted before it is there, so that the table never looks empty when it is not.
        unsafe word(ODM_MARKED_USED).pointee.wrappingAdd(1, ordering: .relaxed)
        if unsafe slot(turn % capacity).pointee.exchange(cookie, ordering: .relaxed) != 0 {
            unsafe word(ODM_MARKED_USED).pointee.wrappingSubtract(1, ordering: .relaxed)
        }
    }

    static func remove(_ cookie: UInt64) {
        for place in 0..<capacity {
            // Two threads that insert the same cookie at once can leave it twice.
            let (exchanged, _) = unsafe slot(place).pointee.compareExchange(
                expected: cookie, desired: 0, ordering: .relaxed)
            if exchanged { unsafe word(ODM_MARKED_USED).pointee.wrappingSubtract(1, ordering: .relaxed) }
        }
    }

    private static var capacity: UInt64 { UInt64(ODM_MARKED_CAPACITY) }

    private static func slot(_ place: UInt64) -> UnsafePointer<Atomic<UInt64>> {
        unsafe word(ODM_MARKED_COOKIES) + Int(place)
    }

    /// A word of the table; Atomic<UInt64> is laid out as UInt64 is.
    ///
    /// Never inlined: each object file that uses the C function gets a table of its own, so only this one may.
    @inline(never)
    private static func word(_ index: Int) -> UnsafePointer<Atomic<UInt64>> {
        unsafe UnsafeRawPointer(odm_marked_words() + index).assumingMemoryBound(to: Atomic<UInt64>.self)
    }
}
