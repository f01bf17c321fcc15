import EventLoop
import KernelHooks
import Mobility

/// The programs in the kernel that tell of sockets and give addresses (`Hooks=`): used where they are wanted and
/// loaded, and done without where not.
final class HookWatch {
    /// Reports that are read in one wake-up, so that requests get their turn while thousands of sockets are closed.
    private static let reportsPerWakeUp = 256
    /// Whoever takes the programs away may forget to tell: then they are missed after this.
    private static let looksApartMicroseconds: UInt64 = 10_000_000

    private let loop: EventLoop
    private let log: Log
    private let directory: String
    private let namespace: UInt64
    private var hooks: KernelHooks?
    private var source: IOSource?
    private var nextLook: Timer?
    private let groups: ControlGroupAssignments
    /// What the kernel gives of each type.
    private var given = PerType<IPv6Address?>(repeating: nil)

    /// - Parameters:
    ///   - directory: of a BPF file system, where the maps stand
    ///   - namespace: our own SO_NETNS_COOKIE
    init(loop: EventLoop, log: Log, directory: String, namespace: UInt64) {
        self.loop = loop
        self.log = log
        self.directory = directory
        self.namespace = namespace
        groups = ControlGroupAssignments(loop: loop, log: log)
    }

    /// Whether the kernel tells of the end of every tracked socket, and keeps IPV6_REQUIRE_SRC_ON_NET.
    var areUsed: Bool { hooks != nil }

    /// Control groups that have a type.
    var assignmentCount: Int { groups.types.count }

    /// The same, by their paths.
    func assignments() -> [(controlGroup: String, type: ContinuityType)] { groups.listing() }

    /// Takes the hooks up, or lets them go.
    ///
    /// - Returns: whether they are used now and were not, or the other way round.
    func configure(isWanted: Bool, for daemon: Daemon) -> Bool {
        let wereUsed = areUsed
        if areUsed, !isWanted || hooks?.areLoaded == false { letGo(for: daemon) }
        if isWanted, !areUsed { takeUp(for: daemon) }
        return areUsed != wereUsed
    }

    private func takeUp(for daemon: Daemon) {
        do {
            let hooks = try KernelHooks(directory: directory, namespace: namespace)
            source = try loop.watch(hooks.descriptor, for: .input) { [unowned self, unowned daemon] _ in
                drain(for: daemon)
            }
            nextLook = try loop.timer { [unowned self, unowned daemon] in look(for: daemon) }
            nextLook?.arm(at: loop.now + Self.looksApartMicroseconds)
            daemon.rules.visitSockets(hooks.track)
            // Of an earlier run; it goes if the rules know nothing of it any more.
            for type in ContinuityType.allCases { given[type] = hooks.givenAddress(type) }
            self.hooks = hooks
            log.info("the hooks in the kernel are used")
            groups.adopt(hooks, for: daemon)
        } catch {
            log.warning("\(error); going on without hooks (systemctl enable --now odmd-hooks)")
        }
    }

    private func look(for daemon: Daemon) {
        if hooks?.areLoaded == false {
            letGo(for: daemon)
            daemon.followSocketsAnew()
        } else {
            nextLook?.arm(at: loop.now + Self.looksApartMicroseconds)
        }
    }

    private func letGo(for daemon: Daemon) {
        log.info("the hooks in the kernel are not used any more")
        groups.forget(for: daemon)
        stop()
    }

    /// At the daemon's end: what is left of addresses is not to be given to anybody.
    func stop() {
        source = nil
        nextLook = nil
        for type in ContinuityType.allCases { give(nil, for: type) }
        hooks = nil
    }

    // MARK: Ends of sockets

    /// Has the end of a socket reported that asks for an address.
    func track(_ cookie: SocketCookie) { hooks?.track(cookie) }

    private func drain(for daemon: Daemon) {
        guard let hooks else { return }
        let outcome = hooks.drain(budget: Self.reportsPerWakeUp) { tell($0, daemon) }
        guard outcome == .drained, hooks.haveLostReports() else { return }
        daemon.statistics.countOverrun()
        log.warning("the hooks lost track of closed sockets; looking at all that are open")
        daemon.tell(.socketDeathsLost)
    }

    /// Reads all that the kernel has told by now: whoever concludes that an address has no users must know of those that
    /// got it a moment ago.
    func drainAll(for daemon: Daemon) {
        while hooks?.drain(budget: Self.reportsPerWakeUp, { tell($0, daemon) }) == .budgetSpent {}
    }

    private func tell(_ report: HookReport, _ daemon: Daemon) {
        switch report {
        case .closed(let cookie): daemon.tell(.socketDestroyed(cookie))
        case .given(let address, let requester): daemon.tell(.addressGiven(address, requester))
        }
    }

    // MARK: Addresses for control groups

    /// Whether some control group has a type, or had one.
    var isGiving: Bool {
        !groups.types.isEmpty || ContinuityType.allCases.contains { given[$0] != nil }
    }

    /// Has the kernel give what the rules would, before what they have decided is done: an address that is on its way out
    /// gets no more users.
    func settle(_ rules: borrowing Rules) {
        let assigned = groups.assignedTypes
        for type in ContinuityType.allCases {
            give(assigned.contains(type) ? rules.addressForEverybody(type) : nil, for: type)
        }
    }

    private func give(_ address: IPv6Address?, for type: ContinuityType) {
        guard let hooks, given[type] != address else { return }
        do {
            try hooks.give(address, for: type)
            given[type] = address
        } catch {
            log.error("\(error)")
        }
    }

    /// Gives a control group a type; nil: none.
    func assign(_ type: ContinuityType?, to path: String, for daemon: Daemon) throws(AssignmentError) {
        guard let hooks else { throw .noHooks }
        if let type, daemon.rules.configuration.types[type].share != .host { throw .notShared(type) }
        try groups.assign(type, to: path, hooks, for: daemon)
    }
}
