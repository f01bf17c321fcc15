import Mobility

// What must hold, whatever happens. Each text begins with the promise that it is about.

extension History {
    /// The address of a connection that has ended stays for three seconds of TIME-WAIT.
    private static let timeWaitLeft = FakeSockets.timeWait + .seconds(-3)

    // MARK: 1: an address stays while a socket that was given it, or is bound to it, is open

    mutating func checkRemoval(of address: IPv6Address, on index: UInt32) {
        guard kernel.place(of: address, on: index) != nil else { return }
        if kernel.ours(address)?.detection == .passed,
            sockets.timeWaits.contains(where: { $0.address == address && $0.end > now + Self.timeWaitLeft })
        {
            broken("promise 1: \(address) is removed while a connection on it has just ended")
        }
        if held.contains(address) { broken("promise 1: \(address) is removed while it is held") }
        // Somebody else's copy on another interface serves as well; what a neighbour has serves nobody.
        guard let socket = user(of: address), kernel.addresses.count(where: { $0.address == address }) < 2,
            records.contains(socket.cookie, address) || !kernel.isLostToNeighbour(address)
        else { return }
        broken("promise 1: \(address) is removed while socket \(socket.cookie) has it")
    }

    /// Routing stays as long as addresses that need it.
    mutating func checkRemoval(of piece: OwnRouting) {
        guard case .localRoute(let prefix) = piece else { return }
        for place in sockets.open {
            let socket = sockets.all[place]
            for address in socket.given + (socket.bound.map { [$0] } ?? [])
            where prefix.contains(address) && mustKeep(socket, address) && scenario.isRoutedOnly(address)
                && !kernel.has(address)
            {
                broken("promise 1: \(piece) is removed while socket \(socket.cookie) has \(address)")
            }
        }
    }

    func user(of address: IPv6Address) -> FakeSocket? {
        for place in sockets.open where mustKeep(sockets.all[place], address) { return sockets.all[place] }
        return nil
    }

    /// A socket whose record was lost is known of only while the kernel lists it, or has its time to bind.
    func mustKeep(_ socket: FakeSocket, _ address: IPv6Address) -> Bool {
        if socket.given.contains(address), !socket.forgotten.contains(address) { return true }
        if socket.bound == address, socket.isListed { return !socket.isAdrift }
        return socket.given.contains(address) && !socket.isAdrift
            && socket.protectedUntil.map { now < $0 } ?? false
    }

    // MARK: 5: every request is answered once, in time, with an address that can be bound

    mutating func checkAnswered(_ id: RequestID, _ answer: Answer) {
        guard let place = pending.firstIndex(where: { $0.id == id }) else {
            broken("promise 5: request \(id.number) is answered twice, or after its cancel")
            return
        }
        let asked = pending.swapOut(place)
        switch answer {
        case .refused(let refusal): tally.count(refusal == .timedOut ? .timeouts : .refusals)
        case .granted(let grant):
            checkPolicy(asked, grant)
            checkGranted(grant, to: asked.cookie)
        }
    }

    private mutating func checkGranted(_ grant: Grant, to cookie: SocketCookie?) {
        tally.count(.grants)
        if !canBeBound(grant), !kernel.hasNews(of: grant.address) {
            broken("promise 5: \(grant.address) is given, and cannot be bound")
        }
        guard let cookie else {
            if !held.contains(grant.address) { held.append(grant.address) }
            return
        }
        checkSharing(of: grant, with: sockets[cookie])
        sockets[cookie].forgotten.removeAll { $0 == grant.address }
        if !sockets[cookie].given.contains(grant.address) { sockets[cookie].given.append(grant.address) }
        if !isRecorded(sockets[cookie], grant.address) {
            broken("records: none names socket \(cookie) and \(grant.address)")
        }
    }

    /// With IPV6_FREEBIND a socket can be bound, but without the local route no packet would come. Others may
    /// take that away until it is put back, or given up.
    private func canBeBound(_ grant: Grant) -> Bool {
        guard grant.needsFreeBind else { return kernel.canBeBound(grant.address) }
        // Of a prefix that the configuration no longer has nobody knows how it was routed.
        if kernel.isLocal(grant.address) || !hasPlace(grant.address) { return true }
        return awaitedRoutes.contains { $0.prefix.contains(grant.address) }
            || givenUp.contains {
                if case .routing(.localRoute(let prefix)) = $0 {
                    prefix.contains(grant.address)
                } else {
                    false
                }
            }
    }

    mutating func checkDeadlines() {
        guard isAlive, let late = pending.first(where: { $0.deadline < now }) else { return }
        broken("promise 5: request \(late.id.number) is not answered in time")
    }

    // MARK: 6: nobody gets more than policy gives

    /// What counts is the policy by which it was asked.
    private mutating func checkPolicy(_ asked: Pending, _ grant: Grant) {
        guard let cookie = asked.cookie else { return }
        let rule = asked.policy.rules.first { rule in
            rule.types.contains(grant.type) && rule.users?.contains(sockets[cookie].user) ?? true
        }
        guard rule?.action == .deny else { return }
        broken("promise 6: \(grant.address) is given to socket \(cookie), whose user is denied the type")
    }

    /// An address is for one socket, or for the sockets of one user, if the policy says so.
    private mutating func checkSharing(of grant: Grant, with socket: FakeSocket) {
        let share = scenario.configuration.types[grant.type].share
        // Whoever has bound to it by hand has it already.
        guard share != .host, !records.wereLost, socket.bound != grant.address else { return }
        for place in sockets.open {
            let other = sockets.all[place]
            guard other.given.contains(grant.address), other.cookie != socket.cookie,
                other.bound != grant.address, !other.forgotten.contains(grant.address)
            else { continue }
            if share == .user, other.user == socket.user { continue }
            broken("promise 6: \(grant.address) is given to sockets \(other.cookie) and \(socket.cookie)")
        }
    }

    // MARK: The records

    /// Every socket that was given an address is in the records, and no socket that the rules do not know.
    mutating func checkRecords() {
        guard isAlive, breach == nil else { return }
        let tracked = rules.socketSummaries()
        for case let record? in records.all {
            guard let cookie = record.requester?.cookie else { continue }
            if !tracked.contains(where: { $0.cookie == cookie && $0.address == record.address }) {
                broken("records: one names socket \(cookie) and \(record.address), which nobody tracks")
            }
        }
        for place in sockets.open {
            let socket = sockets.all[place]
            for address in socket.given where !socket.forgotten.contains(address) {
                if !isRecorded(socket, address), !givenUp.contains(.address(address)) {
                    broken("records: none names socket \(socket.cookie) and \(address)")
                }
            }
        }
    }

    /// The kernel's own list does instead of a record.
    private func isRecorded(_ socket: FakeSocket, _ address: IPv6Address) -> Bool {
        records.contains(socket.cookie, address) || (socket.bound == address && socket.isListed)
    }
}
