import Mobility

/// The rules with a clock and a kernel of the test's own: each step says what happened and yields what to do.
struct World {
    var rules: Rules
    var now = Instant(microseconds: 1_000_000)
    /// Addresses that the kernel has made by itself.
    var autoconfigured: [AutoconfiguredAddress] = []
    /// The number of the last request.
    private(set) var lastRequest: UInt64 = 0

    /// One source for all types but Graceful-replacement, on `lo`, unless told otherwise.
    init(_ change: (inout Configuration) -> Void = { _ in }) {
        var configuration = Configuration()
        configuration.sources = [
            Source(
                name: "home", types: [.fixed, .sessionLasting, .nonPersistent], prefixes: ["2001:db8:a::/56"])
        ]
        configuration.policy = Policy([PolicyRule(name: "everything")])
        change(&configuration)
        rules = Rules(
            configuration: configuration, secret: Secret(high: 1, low: 2), randomKey: Secret(high: 3, low: 4))
    }

    static let uplink: UInt32 = 3

    /// The source names an uplink, which is there.
    static func withUplink(place: Source.Place = .loopback) -> World {
        var world = World {
            $0.sources[0].interface = "wlan0"
            $0.sources[0].place = place
        }
        _ = world.tell(.linkFound(index: 1, name: "lo", isUp: true))
        _ = world.tell(.linkFound(index: uplink, name: "wlan0", isUp: true))
        return world
    }

    mutating func tell(_ event: Event) -> [Action] {
        var actions: [Action] = []
        rules.handle(event, at: now, &actions)
        return actions
    }

    /// Lets time pass, with every deadline on the way kept.
    mutating func pass(_ duration: Duration) -> [Action] {
        let end = now + duration
        var actions: [Action] = []
        while let next = rules.nextDeadline, next <= end {
            now = max(now, next)
            rules.handle(.deadlineReached, at: now, &actions)
        }
        now = end
        return actions
    }

    /// A request of a socket. Its identifier is `request(n)` for the n-th request of this world.
    mutating func ask(
        _ type: ContinuityType, cookie: SocketCookie, user: UInt32 = 1000, onNet: Bool = false
    ) -> [Action] {
        lastRequest += 1
        return tell(
            .requested(
                AddressRequest(
                    id: RequestID(lastRequest), type: type, onNet: onNet,
                    requester: Requester(cookie: cookie, transport: 6, user: user, process: 42, inode: 9))))
    }

    /// A request of the administrator.
    mutating func acquire(_ type: ContinuityType) -> [Action] {
        lastRequest += 1
        return tell(.requested(AddressRequest(id: RequestID(lastRequest), type: type, requester: nil)))
    }

    /// Asks, lets a willing kernel do what is to be done, and returns the address that the socket got.
    mutating func get(
        _ type: ContinuityType, cookie: SocketCookie, user: UInt32 = 1000, onNet: Bool = false
    ) -> IPv6Address {
        var pending = ask(type, cookie: cookie, user: user, onNet: onNet)
        while !pending.isEmpty {
            switch pending.removeFirst() {
            case .answer(_, .granted(let grant)): return grant.address
            case .addAddress(let plan), .restoreAddress(let plan):
                pending += tell(.addressUsable(plan.address))
            default: break
            }
        }
        preconditionFailure("nothing was granted")
    }

    /// Performs actions as a kernel does in which nobody but `users` has sockets; returns all that was done.
    mutating func perform(_ actions: [Action], users: [FoundSocket] = []) -> [Action] {
        var done: [Action] = []
        var pending = actions
        while !pending.isEmpty {
            let action = pending.removeFirst()
            done.append(action)
            switch action {
            case .addAddress(let plan), .restoreAddress(let plan):
                pending += tell(.addressUsable(plan.address))
            case .removeAddress(let address, _): pending += tell(.addressRemoved(address))
            case .findSockets(let prefix):
                for user in users where prefix.contains(user.address) { pending += tell(.socketFound(user)) }
                pending += tell(.socketsListed(prefix))
            default: break
            }
        }
        return done
    }

    func state(_ address: IPv6Address) -> AddressState? { rules.addressSummary(of: address, at: now)?.state }
}

func request(_ number: UInt64) -> RequestID { RequestID(number) }

extension [Action] {
    /// The only address that is to be configured.
    var planned: PlannedAddress? {
        for case .addAddress(let plan) in self { return plan }
        return nil
    }

    /// The only answer.
    var answer: Answer? {
        for case .answer(_, let answer) in self { return answer }
        return nil
    }

    /// All but the keeping of records.
    var withoutRecords: [Action] {
        filter {
            switch $0 {
            case .keepRecord, .eraseRecord: false
            default: true
            }
        }
    }

    var grantedAddress: IPv6Address? {
        guard case .granted(let grant) = answer else { return nil }
        return grant.address
    }

    func removes(_ address: IPv6Address) -> Bool {
        contains { action in
            guard case .removeAddress(let removed, _) = action else { return false }
            return removed == address
        }
    }
}
