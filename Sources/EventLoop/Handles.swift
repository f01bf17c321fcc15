import CSystemd

// The only owners of what libsystemd hands out.

/// A reference to an sd_event.
@safe struct LoopHandle: ~Copyable {
    let pointer: OpaquePointer

    private init(adopting pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    static func make() throws(EventLoopError) -> LoopHandle {
        var pointer: OpaquePointer?
        try check(unsafe sd_event_new(&pointer), "create an event loop")
        return unsafe LoopHandle(adopting: pointer!)
    }

    deinit { unsafe sd_event_unref(pointer) }
}

/// A reference to an sd_event_source. Its end is the source's end, also inside of the source's own callback,
/// during which sd-event holds a reference.
@safe struct SourceHandle: ~Copyable {
    let pointer: OpaquePointer

    init(adopting pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    /// Tells the source whom its callback is for. The owner is not retained: it owns the source.
    func setOwner(_ owner: AnyObject) {
        _ = unsafe sd_event_source_set_userdata(pointer, Unmanaged.passUnretained(owner).toOpaque())
    }

    /// Turns the source on, off, or on for one event (SD_EVENT_ON, _OFF, _ONESHOT).
    func setEnabled(_ mode: Int) {
        Self.expect(unsafe sd_event_source_set_enabled(pointer, Int32(mode)))
    }

    /// A change of a source that exists fails only when its loop has ended, which no longer matters, or when
    /// our own bookkeeping is broken (a descriptor closed before its source was dropped).
    static func expect(_ result: Int32) {
        precondition(result >= 0 || result == -ESTALE, "sd-event refuses to change a source")
    }

    deinit { unsafe sd_event_source_disable_unref(pointer) }
}
