// The host moves to another network by the same link. What is done comes in the order in which packets stop being lost:
// the route first, then whoever waits for the router that is not there any more, then the leases.

extension Rules {
    /// A router tells on which network the link is.
    mutating func heard(_ router: HeardRouter, at now: Instant, _ actions: inout [Action]) {
        let index = router.interfaceIndex
        guard isUplink(index) else { return }
        guard router.isDefault else { return ceased(router, &actions) }
        guard let attachment = uplinks[attachmentOf: index] else {
            changeRouters(of: index, &actions) {
                $0[attachmentOf: index] = Attachment(router.address, since: now)
            }
            return
        }
        if attachment.knows(router.address) {
            changeRouters(of: index, &actions) { $0[attachmentOf: index]?.confirm(by: router.address) }
        } else if attachment.isInDoubt {
            move(to: router, from: attachment, at: now, &actions)
        } else if router.prefixes.contains(where: { advertisedPrefixes[$0, on: index] != nil }) {
            changeRouters(of: index, &actions) { $0[attachmentOf: index]?.learn(router.address) }
        } else if !attachment.isFull {
            // Of several the latest: the host moves on.
            changeRouters(of: index, &actions) { $0[attachmentOf: index]?.stranger = router }
            guard attachment.stranger == nil else { return }
            actions.append(.probeRouter(interfaceIndex: index, attachment.router))
        }
    }

    /// A router can be sent to no more.
    mutating func ceased(_ router: HeardRouter, _ actions: inout [Action]) {
        let index = router.interfaceIndex
        guard uplinks[attachmentOf: index]?.knows(router.address) ?? false else { return }
        changeRouters(of: index, &actions) { $0[attachmentOf: index]?.forget(router.address) }
    }

    /// Whether the router that packets leave by is still there decides what the stranger is: another router of this
    /// network, or the first of the next. Packets do not wait for the decision.
    mutating func probed(
        _ address: IPv6Address, on index: UInt32, _ reachability: Reachability, at now: Instant,
        _ actions: inout [Action]
    ) {
        guard let attachment = uplinks[attachmentOf: index], attachment.router == address,
            let stranger = attachment.stranger
        else { return }
        switch reachability {
        case .uncertain: changeRouters(of: index, &actions) { $0[attachmentOf: index]?.isDetour = true }
        case .reachable:
            changeRouters(of: index, &actions) {
                $0[attachmentOf: index]?.stranger = nil
                $0[attachmentOf: index]?.learn(stranger.address)
            }
        case .unreachable: move(to: stranger, from: attachment, at: now, &actions)
        }
    }

    private mutating func move(
        to router: HeardRouter, from old: Attachment, at now: Instant, _ actions: inout [Action]
    ) {
        let index = router.interfaceIndex
        moveCount += 1
        changeRouters(of: index, &actions) {
            $0[attachmentOf: index] = Attachment(router.address, since: now)
        }
        actions.append(.forgetNeighbour(interfaceIndex: index, old.router))
        forgive(on: index)
        rebindLeases(on: index, &actions)
        offerShorterPaths()
        leaveNetwork(of: index, for: router, at: now, &actions)
    }

    /// What does not move with the host comes to its end.
    private mutating func leaveNetwork(
        of index: UInt32, for router: HeardRouter, at now: Instant, _ actions: inout [Action]
    ) {
        advertisedPrefixes.forgetAll(on: index, but: router.prefixes)
        let left = addresses.indices.filter { slot in
            addresses.isOccupied(slot) && isLeftBehind(addresses[slot], on: index, router.prefixes)
        }
        supersede(left, at: now, &actions)
    }

    private func isLeftBehind(_ record: AddressRecord, on index: UInt32, _ prefixes: [IPv6Prefix]) -> Bool {
        guard let pool = record.pool.map({ pools[$0] }) else {
            // Of an earlier run, in a prefix that was not advertised since.
            return record.interfaceIndex == index && !record.type.isAnchored
                && !prefixes.contains { $0.contains(record.address) }
        }
        guard isOf(pool.interface, index) else { return false }
        return switch pool.origin {
        case .advertisement: !prefixes.contains(pool.prefix)
        case .configuration, .lease: !record.type.isAnchored
        }
    }

    /// The network that a link was on when an earlier run ended.
    mutating func recall(_ known: KnownNetwork) {
        guard isUplink(known.interfaceIndex), uplinks[attachmentOf: known.interfaceIndex] == nil else {
            return
        }
        uplinks[attachmentOf: known.interfaceIndex] = Attachment(known)
    }

    func keepNetwork(of index: UInt32, _ actions: inout [Action]) {
        let none = KnownNetwork(interfaceIndex: index, since: Instant(microseconds: 0), routers: [])
        actions.append(.keepNetwork(uplinks.known(of: index) ?? none))
    }

    /// Every uplink may be on another network than it was.
    mutating func doubtNetworks(_ actions: inout [Action]) {
        uplinks.doubtAttachments()
        solicitRouters(on: uplinks.indices, &actions)
    }

    /// Asks whether the new network lets us have what we have, and for what is being asked for.
    private func rebindLeases(on index: UInt32, _ actions: inout [Action]) {
        for pool in pools {
            guard let lease = pool.lease, !pool.isWithdrawn, isOf(lease.interface, index),
                lease.type.isAnchored
            else { continue }
            actions.append(.network(.rebind(lease.id, interface: lease.interface)))
        }
        for question in questions where question.candidate.interfaceIndex == index {
            guard offers[question.candidate.source].kind.isAsked else { continue }
            actions.append(.network(.rebind(question.id, interface: uplinks.name(of: index))))
        }
    }

    private func isOf(_ interface: InterfaceName?, _ index: UInt32) -> Bool {
        interface != nil && interface == uplinks.name(of: index)
    }
}

// An address of an earlier network is reached by a detour. Sockets that have it keep it; new ones get one of the network
// that the host is on, if there is one (`PreferCurrentNetwork=`).
extension Rules {
    func isByDetour(_ pool: Pool) -> Bool {
        guard let lease = pool.lease, configuration.types[lease.type].prefersCurrentNetwork,
            let router = pool.router, let index = lease.interface.flatMap({ uplinks.index(of: $0) }),
            let attachment = uplinks[attachmentOf: index]
        else { return false }
        return !attachment.knows(router)
    }

    func isByDetour(_ record: AddressRecord) -> Bool { record.pool.map { isByDetour(pools[$0]) } ?? false }

    private mutating func offerShorterPaths() {
        for slot in addresses.indices where addresses.isOccupied(slot) {
            let record = addresses[slot]
            guard record.isOffered, record.pool.map({ pools[$0].lease != nil }) ?? false else { continue }
            if isByDetour(record) { withdraw(slot) } else if isStillGiven(record) { offer(slot) }
        }
    }

    /// Place of an address that an earlier network gave, and that the request may share.
    func sharedByDetour(for request: AddressRequest) -> Int? {
        let owner = owner(for: request)
        guard !request.onNet, owner.isShared else { return nil }
        return addresses.firstSlot { record in
            record.type == request.type && record.owner == owner && record.isOffered && !record.isOnNet
                && isByDetour(record) && isStillGiven(record)
        }
    }

    /// Where the network gives nothing, what an earlier one gave is good enough.
    ///
    /// - Returns: false if there is nothing.
    mutating func takeDetour(
        _ waiting: inout WaitingRequest, at now: Instant, _ actions: inout [Action]
    ) -> Bool {
        guard !waiting.request.onNet else { return false }
        if let shared = sharedByDetour(for: waiting.request) {
            answer(waiting, with: shared, at: now, &actions)
            return true
        }
        let type = waiting.request.type
        for source in offers.indices where mayGive(source, type) && offers[source].hasRoom {
            let candidate = Candidate(source: source)
            guard let record = addressOfLease(for: waiting.request, from: candidate, byDetour: true)
            else { continue }
            begin(record, for: waiting, at: now, &actions)
            return true
        }
        return false
    }
}

extension ContinuityType {
    /// An address of the type is meant to outlive moves.
    var isAnchored: Bool {
        switch self {
        case .fixed, .sessionLasting: true
        case .nonPersistent, .gracefulReplacement: false
        }
    }
}
