internal import CHooks

/// A map that stands in a BPF file system, open (BPF_OBJ_GET).
struct PinnedMap: ~Copyable {
    let name: StaticString
    let descriptor: Int32

    /// - Throws: ENOENT if it is not there, EACCES or EPERM if this user may not use it, ENOTTY and the like if what is
    ///   there is none.
    static func open(_ name: StaticString, in directory: String) throws(HookError) -> PinnedMap {
        let descriptor = unsafe odm_bpf_open("\(directory)/\(name)")
        return PinnedMap(name: name, descriptor: try check("open the map \(name)", descriptor))
    }

    private init(name: StaticString, descriptor: Int32) {
        self.name = name
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    func set<Key: BitwiseCopyable, Value: BitwiseCopyable>(_ key: Key, _ value: Value) throws(HookError) {
        var (key, value) = (key, value)
        let result = unsafe odm_bpf_update(descriptor, &key, &value)
        try check("write to the map \(name)", result)
    }

    /// That there is no such element is no error.
    func remove<Key: BitwiseCopyable>(_ key: Key) throws(HookError) {
        var key = key
        let result = unsafe odm_bpf_delete(descriptor, &key)
        if result == -1, odm_errno() == ENOENT { return }
        try check("remove from the map \(name)", result)
    }

    /// Nil if there is no such element.
    func value<Key: BitwiseCopyable, Value: BitwiseCopyable>(_ key: Key, _ empty: Value) -> Value? {
        var (key, value) = (key, empty)
        return unsafe odm_bpf_lookup(descriptor, &key, &value) == 0 ? value : nil
    }

    /// Every key, of a map that nobody else changes.
    func keys<Key: BitwiseCopyable>(_ empty: Key) -> [Key] {
        var keys: [Key] = []
        var next = empty
        guard unsafe odm_bpf_next_key(descriptor, nil, &next) == 0 else { return [] }
        repeat {
            keys.append(next)
        } while isFollowed(&next)
        return keys
    }

    private func isFollowed<Key: BitwiseCopyable>(_ key: inout Key) -> Bool {
        var current = key
        return unsafe odm_bpf_next_key(descriptor, &current, &key) == 0
    }
}
