import Posix

/// Brings the programs into the kernel and takes them away.
struct Loader {
    let options: LoaderOptions
    private let directory: HookDirectory

    init(_ options: LoaderOptions) {
        self.options = options
        directory = HookDirectory(path: options.pinDirectory)
    }

    /// Loads the programs, in the place of those that are loaded, if any: at every moment either run. All or nothing: what
    /// fails before the first is replaced leaves what was there, and what fails later leaves nothing.
    func load() throws(LoaderError) {
        let user = try owner()
        let group = try ControlGroup.open(options.controlGroup)
        try directory.requireFileSystem()
        let object = try HookObject.open(options.object)
        try requireSameGroup(as: group)
        let keepsMaps = try loadedVersion() == HookState.currentVersion
        if keepsMaps { try object.keepMaps(in: directory) }
        try object.load()
        if !keepsMaps { try renounce() }
        do {
            try directory.make()
            try attach(object, to: group)
            if !keepsMaps { try object.pinMaps(in: directory) }
            try directory.giveMaps(to: user)
            try announce()
        } catch {
            _ = try? unload()
            throw error
        }
    }

    private func openState() throws(LoaderError) -> HookState? { try HookState.open(directory.map("state")) }

    /// - Returns: nil if nothing is loaded.
    private func loadedVersion() throws(LoaderError) -> UInt32? {
        guard let state = try openState() else { return nil }
        return state.version
    }

    private func renounce() throws(LoaderError) {
        guard let state = try openState() else { return }
        state.renounce()
    }

    private func announce() throws(LoaderError) {
        guard let state = try openState() else { return }
        state.announce()
    }

    private func owner() throws(LoaderError) -> UInt32 {
        guard let user = UInt32(options.owner) ?? Account.user(named: options.owner) else {
            throw .noSuchUser(options.owner)
        }
        return user
    }

    private func requireSameGroup(as group: borrowing ControlGroup) throws(LoaderError) {
        for program in try directory.linkedPrograms() {
            let link = try HookLink.open(directory.link(program))
            guard try link.controlGroup() == group.identifier else {
                throw .elsewhere(directory: directory.path)
            }
        }
    }

    private func attach(
        _ object: borrowing HookObject, to group: borrowing ControlGroup
    ) throws(LoaderError) {
        var old = Set(try directory.linkedPrograms())
        try object.forEachProgram { (program) throws(LoaderError) in
            let path = directory.link(program.name)
            if old.remove(program.name) != nil {
                try HookLink.open(path).replace(with: program)
            } else {
                try HookLink.attach(program, to: group).pin(path)
            }
        }
        for program in old { try directory.remove(directory.link(program)) }
    }

    /// Takes the programs away, whole or half loaded.
    ///
    /// - Returns: false if there were none.
    func unload() throws(LoaderError) -> Bool {
        let version = try loadedVersion()
        let programs = try directory.linkedPrograms()
        try renounce()
        try directory.clear()
        return version != nil || !programs.isEmpty
    }

    /// - Returns: nil if nothing is loaded.
    func status() throws(LoaderError) -> LoaderStatus? {
        guard let state = try openState() else { return nil }
        let programs = try directory.linkedPrograms()
        let group = try programs.first.map { (name) throws(LoaderError) in
            try HookLink.open(directory.link(name)).controlGroup()
        }
        return LoaderStatus(
            directory: directory.path, controlGroup: group ?? 0, programs: programs, version: state.version,
            assignments: state.assignments, lost: state.lost)
    }
}
