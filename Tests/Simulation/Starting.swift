import Mobility

// The start of a daemon: what it is told of what is there, and what nobody can tell it any more.

extension Scenario {
    /// The rules of a new daemon: the secret is kept, the key is drawn anew.
    func rules(_ dice: inout Dice) -> Rules {
        Rules(
            configuration: configuration, secret: secret, randomKey: Secret(high: dice.number(), low: 2))
    }
}

extension History {
    /// After a restart without all records, sockets that nobody can know of have this long to bind.
    private static let timeToBindUnrecorded: Duration = .seconds(10)

    mutating func start() {
        note("a daemon starts")
        tally.count(.starts)
        // The next daemon does not know what the last one found missing.
        sockets.endProtection()
        if !isPeaceful, dice.once(in: 16) { loseRecords() }
        if !isPeaceful, dice.once(in: 6) { actionsLeft = dice.roll(8) }
        forgetWhatIsGone()
        setAdrift()
        rules = scenario.rules(&dice)
        isAlive = true
        isStarting = true
        kernel.isWatched = true
        putBacks.removeAll(keepingCapacity: true)
        givenUp.removeAll(keepingCapacity: true)
        fought.removeAll(keepingCapacity: true)
        awaited.removeAll(keepingCapacity: true)
        awaitedRoutes.removeAll(keepingCapacity: true)
        tellUplinks()
        tellRouting()
        for address in kernel.addresses { tellFound(address) }
        tellRecords()
        if !assignedTypes.isEmpty { tell(.typesAssigned(assignedTypes)) }
        tell(.recovered)
        isStarting = false
        expectAllBack()
    }

    /// Rules are read first.
    private mutating func tellRouting() {
        for case .rule(let prefix, let uplink) in kernel.routing {
            tell(.routingFound(.rule(prefix, uplink: uplink)))
        }
        for piece in kernel.routing {
            if case .rule = piece { continue }
            tell(.routingFound(piece))
        }
    }

    private mutating func tellFound(_ address: FakeKernel.Address) {
        guard let type = address.type else { return }
        tally.count(.addressesFound)
        tell(
            .addressFound(
                FoundAddress(
                    address: address.address, type: type, interfaceIndex: address.interfaceIndex,
                    isUsable: address.detection == .passed)))
        if address.detection == .failed { tell(.addressDuplicate(address.address)) }
    }

    private mutating func tellRecords() {
        for (number, record) in records.all.enumerated() {
            guard let record else { continue }
            tally.count(.recordsFound)
            tell(.recordFound(SocketRecord.Number(number), record))
        }
        guard records.areIncomplete else { return }
        records.areIncomplete = false
        tell(.recordsIncomplete)
    }

    /// The file is damaged: some of it, or nothing, can be read.
    private mutating func loseRecords() {
        note("the records are damaged")
        tally.count(.recordLosses)
        let end = now + Self.timeToBindUnrecorded
        let keepsSome = dice.once(in: 2)
        for number in records.all.indices {
            guard let record = records.all[number], !(keepsSome && dice.once(in: 2)) else { continue }
            records.lose(SocketRecord.Number(number))
            guard let cookie = record.requester?.cookie else {
                held.removeAll { $0 == record.address }
                continue
            }
            sockets.forget(record.address, of: cookie, protectedUntil: end)
        }
    }

    /// What was taken away while no daemon was there is made again, if it is known where.
    private mutating func forgetWhatIsGone() {
        for case let record? in records.all where !record.isRoutedOnly && kernel.ours(record.address) == nil {
            if hasPlace(record.address) { continue }
            if let cookie = record.requester?.cookie {
                sockets.forget(record.address, of: cookie, protectedUntil: now)
            } else {
                held.removeAll { $0 == record.address }
            }
        }
    }

    private mutating func setAdrift() {
        for place in sockets.open {
            let socket = sockets.all[place]
            guard let address = socket.bound ?? socket.given.last, kernel.ours(address) == nil,
                !kernel.isLocal(address), !records.contains(socket.cookie, address)
            else { continue }
            sockets.setAdrift(place)
        }
    }

    func hasPlace(_ address: IPv6Address) -> Bool {
        scenario.configuration.sources.contains { source in
            source.prefixes.contains { $0.contains(address) }
                && (source.interface == nil || kernel.links.contains { $0.name == source.interface })
        }
    }
}
