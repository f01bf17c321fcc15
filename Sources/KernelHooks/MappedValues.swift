internal import CHooks
internal import Mobility

/// The memory of the map "state", shared with the kernel.
@safe struct MappedState: ~Copyable {
    private let pointer: UnsafeMutablePointer<odm_hooks_state>

    init(_ map: consuming PinnedMap) throws(HookError) {
        guard let pointer = unsafe odm_map_state(map.descriptor) else {
            throw HookError(action: "map \(map.name)", errno: odm_errno())
        }
        unsafe self.pointer = pointer
    }

    deinit { unsafe odm_unmap_state(pointer) }

    var version: UInt32 { unsafe odm_hooks_version(pointer) }

    var lostReports: UInt64 { unsafe odm_lost_reports(pointer) }

    func setNetwork(_ cookie: UInt64) { unsafe pointer.pointee.network = cookie }

    func setAssignments(_ count: Int) { unsafe pointer.pointee.assignments = UInt32(count) }
}

/// The memory of the map "tracked", shared with the kernel.
@safe struct MappedTracked: ~Copyable {
    private let pointer: UnsafeMutablePointer<odm_tracked>

    init(_ map: consuming PinnedMap) throws(HookError) {
        guard let pointer = unsafe odm_map_tracked(map.descriptor) else {
            throw HookError(action: "map \(map.name)", errno: odm_errno())
        }
        unsafe self.pointer = pointer
    }

    deinit { unsafe odm_unmap_tracked(pointer) }

    func insert(_ cookie: SocketCookie) { unsafe odm_track(pointer, cookie) }
}
