import Mobility

/// A host with two uplinks, whose prefixes come from the network. What the network answers is up to the test.
extension World {
    /// `wlan0` is `World.uplink`.
    static let ethernet: UInt32 = 4

    static func asking(
        _ sources: Source..., change: (inout Configuration) -> Void = { _ in }
    ) -> World {
        asking(sources, change: change)
    }

    static func asking(
        _ sources: [Source], change: (inout Configuration) -> Void = { _ in }
    ) -> World {
        var world = World {
            $0.sources = sources
            change(&$0)
        }
        world.tellLinks()
        _ = world.tell(.recovered)
        return world
    }

    /// What is told at a start, and after lost notices.
    mutating func tellLinks() {
        _ = tell(.linkFound(index: 1, name: "lo", isUp: true))
        _ = tell(.linkFound(index: Self.uplink, name: "wlan0", isUp: true))
        _ = tell(.linkFound(index: Self.ethernet, name: "eth0", isUp: true))
    }

    mutating func reconfigure(_ change: (inout Configuration) -> Void) -> [Action] {
        var configuration = rules.configuration
        change(&configuration)
        var actions: [Action] = []
        rules.reconfigure(configuration, at: now, &actions)
        return actions
    }

    /// Whoever was asked gives a prefix.
    mutating func grant(_ request: PrefixRequest, _ prefix: IPv6Prefix) -> [Action] {
        tell(.prefixGranted(LeasedPrefix(request, prefix)))
    }

    /// Asks, has the network give the prefix and the kernel take the address; returns the lease and the address.
    mutating func getLeased(
        _ prefix: IPv6Prefix, _ type: ContinuityType = .sessionLasting, cookie: SocketCookie,
        onNet: Bool = false
    ) -> (lease: LeaseID, address: IPv6Address) {
        guard let asked = ask(type, cookie: cookie, onNet: onNet).asked.first else {
            preconditionFailure("nobody was asked")
        }
        guard let address = perform(grant(asked, prefix)).grantedAddress else {
            preconditionFailure("nothing was granted")
        }
        return (asked.id, address)
    }

    /// A router on `wlan0` advertises a prefix.
    mutating func advertise(
        _ prefix: IPv6Prefix, type: ContinuityType? = nil, on index: UInt32 = uplink,
        isAutonomous: Bool = true, preferred: Duration? = .seconds(1000), valid: Duration? = .seconds(2000)
    ) -> [Action] {
        let actions = tell(
            .prefixAdvertised(
                Advertisement(
                    interfaceIndex: index, prefix: prefix, type: type, isAutonomous: isAutonomous,
                    preferredLifetime: preferred, validLifetime: valid)))
        // The kernel is asked what it has in a new one.
        return actions.contains(.listAddresses) ? actions + tellAddresses() : actions
    }

    /// The kernel makes an address on `wlan0`, or changes it.
    mutating func autoconfigure(
        _ address: IPv6Address, isUsable: Bool = true, isPreferred: Bool = true
    ) -> [Action] {
        let found = AutoconfiguredAddress(
            address: address, interfaceIndex: Self.uplink, isUsable: isUsable, isPreferred: isPreferred)
        autoconfigured.removeAll { $0.address == address }
        autoconfigured.append(found)
        return tell(.addressAutoconfigured(found))
    }

    /// The kernel's address is gone.
    mutating func endAutoconfigured(_ address: IPv6Address) -> [Action] {
        autoconfigured.removeAll { $0.address == address }
        return tell(.autoconfiguredAddressGone(address, interfaceIndex: Self.uplink))
    }

    /// The kernel's list, in which all of ours are.
    private mutating func tellAddresses() -> [Action] {
        var actions = autoconfigured.flatMap { tell(.addressAutoconfigured($0)) }
        for summary in rules.addressSummaries(at: now) { actions += tell(.addressListed(summary.address)) }
        return actions + tell(.addressesListed)
    }
}

extension LeasedPrefix {
    /// What was asked for.
    init(_ request: PrefixRequest, _ prefix: IPv6Prefix) {
        self.init(
            id: request.id, source: request.source, type: request.type, prefix: prefix,
            interface: request.interface, isOnNet: request.isOnNet)
    }
}

extension Source {
    /// A server on each link that a pattern matches.
    static func servers(
        _ name: String = "provider", types: Set<ContinuityType> = [.fixed, .sessionLasting],
        on uplinks: [InterfacePattern] = ["wlan0"], place: Source.Place = .loopback,
        maxAddresses: Int = 1024
    ) -> Source {
        Source(
            name: name, kind: .dhcpv6, types: types, uplinks: uplinks, place: place,
            maxAddresses: maxAddresses)
    }

    /// A program, which knows by itself where to get a prefix.
    static func program(
        _ name: String = "modem", types: Set<ContinuityType> = [.sessionLasting],
        interface: InterfaceName? = nil, place: Source.Place = .loopback
    ) -> Source {
        Source(name: name, kind: .helper, types: types, interface: interface, place: place)
    }

    /// Routers on all links; what they do not say is for Non-persistent and Graceful-replacement.
    static func routers(
        types: Set<ContinuityType> = [.nonPersistent, .gracefulReplacement],
        on uplinks: [InterfacePattern] = ["*"], maxAddresses: Int = 1024
    ) -> Source {
        Source(
            name: "routers", kind: .routerAdvertisement, types: types, uplinks: uplinks, place: .interface,
            maxAddresses: maxAddresses)
    }
}

extension [Action] {
    /// What sources are asked for.
    var asked: [PrefixRequest] {
        compactMap { if case .network(.ask(let request)) = $0 { request } else { nil } }
    }

    /// All that is said to those who can be asked for prefixes, but for the questions.
    var said: [NetworkAction] {
        compactMap { action in
            guard case .network(let said) = action else { return nil }
            switch said {
            case .ask, .solicitRouters: return nil
            case .cancel, .giveBack, .rebind, .decline: return said
            }
        }
    }

    /// The links whose routers are asked.
    var solicited: [UInt32] {
        compactMap { if case .network(.solicitRouters(let index)) = $0 { index } else { nil } }
    }

    /// All answers, in their order.
    var answers: [Answer] { compactMap { if case .answer(_, let answer) = $0 { answer } else { nil } } }

    /// Anything is done to an address in the kernel.
    func touches(_ address: IPv6Address) -> Bool {
        contains { action in
            switch action {
            case .addAddress(let plan), .restoreAddress(let plan): plan.address == address
            case .removeAddress(let removed, _), .removeIfOurs(let removed, _): removed == address
            default: false
            }
        }
    }
}
