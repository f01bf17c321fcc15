import CBpf
import CHooks

/// The map "state", which the programs, the daemon and the loader have in common.
@safe struct HookState: ~Copyable {
    static let currentVersion = UInt32(ODM_HOOKS_VERSION)

    private let mapping: UnsafeMutablePointer<odm_hooks_state>

    private init(adopting mapping: UnsafeMutablePointer<odm_hooks_state>) { unsafe self.mapping = mapping }

    deinit { unsafe odm_unmap_state(mapping) }

    /// - Returns: nil if there is none, so that nothing is loaded.
    static func open(_ path: String) throws(LoaderError) -> HookState? {
        let map = unsafe bpf_obj_get(path)
        guard map >= 0 else {
            let errno = odm_errno()
            if errno == ENOENT { return nil }
            throw .failure("open \(path)", errno: errno)
        }
        defer { close(map) }
        guard let mapping = unsafe odm_map_state(map) else {
            throw .failure("map \(path)", errno: odm_errno())
        }
        return unsafe HookState(adopting: mapping)
    }

    /// 0 if the programs are being taken away, or were not brought whole.
    var version: UInt32 { unsafe mapping.pointee.version }
    /// How many control groups have a type.
    var assignments: UInt32 { unsafe mapping.pointee.assignments }
    /// How many reports there was no room for.
    var lost: UInt64 { unsafe mapping.pointee.lost }

    /// Tells the daemon that all the rest is in order.
    func announce() { unsafe odm_store_version(mapping, Self.currentVersion) }

    /// Tells the daemon that nothing of it counts any more.
    func renounce() { unsafe odm_store_version(mapping, 0) }
}
