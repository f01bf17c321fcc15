internal import CHooks
public import Mobility

/// The programs in the kernel that report the ends of sockets and give addresses to control groups (Sources/hooks), as
/// the daemon knows them: by their maps, in a directory of a BPF file system.
public final class KernelHooks {
    /// How far reading got.
    public enum DrainOutcome: Equatable, Sendable {
        /// Nothing is left.
        case drained
        /// Something may be left: the descriptor is readable then.
        case budgetSpent
    }

    private let state: MappedState
    private let tracked: MappedTracked
    private let reports: ReportRing
    private let assignments: PinnedMap
    private let addresses: PinnedMap
    private var lost: UInt64
    private let knowsProcesses = odm_sees_all_processes() != 0

    /// Opens the maps of programs that are loaded.
    ///
    /// - Parameter namespace: SO_NETNS_COOKIE of the network namespace that addresses are given in.
    /// - Throws: ENOENT if there are none, EACCES or EPERM if they are not for this user, EPROTONOSUPPORT if they are of
    ///   another version, or have been taken away.
    public init(directory: String, namespace: UInt64) throws(HookError) {
        state = try MappedState(PinnedMap.open("state", in: directory))
        tracked = try MappedTracked(PinnedMap.open("tracked", in: directory))
        reports = try ReportRing(PinnedMap.open("reports", in: directory))
        assignments = try PinnedMap.open("assignments", in: directory)
        addresses = try PinnedMap.open("addresses", in: directory)
        lost = state.lostReports
        guard areLoaded else { throw HookError(action: "use the hooks", errno: EPROTONOSUPPORT) }
        state.setNetwork(namespace)
    }

    /// Whether the programs are there still: who takes them away says so first.
    public var areLoaded: Bool { state.version == UInt32(ODM_HOOKS_VERSION) }

    // MARK: Ends of sockets

    /// Readable when there is something to drain.
    public var descriptor: Int32 { reports.descriptor }

    /// Has the end of a socket reported, whatever its protocol.
    public func track(_ cookie: SocketCookie) { tracked.insert(cookie) }

    /// Tells `body` at most `budget` reports: of sockets that are tracked, and now and then of others.
    public func drain(budget: Int, _ body: (HookReport) -> Void) -> DrainOutcome {
        for _ in 0..<budget {
            guard let report = reports.next() else { return .drained }
            if let report = HookReport(report, knowsProcesses: knowsProcesses) { body(report) }
        }
        return .budgetSpent
    }

    /// Whether reports were lost since this was asked last: then nobody knows which.
    public func haveLostReports() -> Bool {
        let now = state.lostReports
        defer { lost = now }
        return now != lost
    }

    // MARK: Addresses for control groups

    /// The control groups that have a type, by their identifiers.
    public var assignedGroups: [UInt64: ContinuityType] {
        var found: [UInt64: ContinuityType] = [:]
        for group in assignments.keys(0 as UInt64) {
            found[group] = assignments.value(group, 0 as UInt32)
                .flatMap { ContinuityType(rawValue: UInt8(truncatingIfNeeded: $0)) }
        }
        return found
    }

    /// Has the processes of a control group, and of those below it, get addresses of a type; nil: of none.
    ///
    /// - Throws: E2BIG if too many have one.
    public func assign(_ type: ContinuityType?, to group: UInt64) throws(HookError) {
        if let type {
            try assignments.set(group, UInt32(type.rawValue))
        } else {
            try assignments.remove(group)
        }
        state.setAssignments(assignments.keys(0 as UInt64).count)
    }

    /// What they get of a type; nil: nothing.
    public func givenAddress(_ type: ContinuityType) -> IPv6Address? {
        addresses.value(UInt32(type.rawValue), (0, 0) as (UInt64, UInt64)).map(IPv6Address.init(octets:))
    }

    /// Has them get this address of a type from now on; nil: none.
    public func give(_ address: IPv6Address?, for type: ContinuityType) throws(HookError) {
        let key = UInt32(type.rawValue)
        if let address { try addresses.set(key, address.octets) } else { try addresses.remove(key) }
    }
}

/// The reports of the programs, mapped.
@safe private final class ReportRing {
    private let map: PinnedMap
    private var ring = unsafe odm_ring()

    init(_ map: consuming PinnedMap) throws(HookError) {
        self.map = map
        let result = unsafe odm_map_ring(self.map.descriptor, &ring)
        try check("map reports", result)
    }

    deinit { if unsafe ring.consumer != nil { unsafe odm_unmap_ring(&ring) } }

    var descriptor: Int32 { map.descriptor }

    func next() -> odm_report? {
        var report = odm_report()
        return unsafe odm_next_report(&ring, &report) == 1 ? report : nil
    }
}
