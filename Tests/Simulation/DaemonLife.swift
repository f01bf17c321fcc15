import Mobility

// A daemon's start, its end, and what it hears in between.

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

    /// Something happens to the daemon itself.
    mutating func daemonStep() {
        switch dice.roll(8) {
        case 0 where isAlive:
            note("SIGTERM")
            tally.count(.stops)
            sockets.endProtection()
            tell(.stopping)
            die()
        case 1 where isAlive:
            tally.count(.kills)
            die()
        case 2, 3: actionsLeft = dice.roll(12)
        case 4:
            scenario.change(&dice)
            if isAlive { reconfigure() }
        case 5: records.isFull = dice.once(in: 2)
        case 6: sockets.loseDeathsUnseen(&dice, &tally)
        default: loseNoticesUnseen()
        }
    }

    mutating func reconfigure() {
        note("  event   a new configuration")
        tally.count(.reconfigurations)
        rules.reconfigure(scenario.configuration, at: now, &decided)
        // What is no longer offered goes as if it had been released.
        held.removeAll { rules.addressSummary(of: $0, at: now)?.isHeld != true }
        perform()
    }

    /// Nothing that only the daemon knew is left.
    mutating func die() {
        note("the daemon is gone")
        isAlive = false
        actionsLeft = nil
        withheld = nil
        pending.removeAll(keepingCapacity: true)
        sockets.stopFollowingDeaths()
        kernel.isWatched = false
        kernel.catchUp()
    }

    // MARK: The start

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
        tell(.recovered)
        isStarting = false
        expectAllBack()
    }

    private mutating func expectAllBack() {
        for place in sockets.open {
            for address in sockets.all[place].given { expectBack(address) }
        }
    }

    private mutating func tellUplinks() {
        tell(.uplinksForgotten)
        for link in kernel.links { tell(.linkFound(index: link.index, name: link.name, isUp: link.isUp)) }
        for router in kernel.routers { tell(.routerFound(router)) }
        tell(.uplinksListed)
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

    // MARK: What it hears

    mutating func readNotices() {
        for _ in 0..<1 + dice.roll(4) {
            guard let notice = kernel.nextNotice() else { break }
            tally.count(.noticesTold)
            hear(notice)
        }
        if kernel.notices.isEmpty, kernel.haveNoticesBeenLost { lookAgain() }
    }

    private mutating func hear(_ notice: Event) {
        noteHeard { $0 == notice.address }
        tell(notice)
        switch notice {
        case .addressLost(let address), .addressOverwritten(let address, _): expectBack(address)
        case .routingLost(.localRoute(let prefix)): expectBack(prefix)
        default: break
        }
    }

    /// Notices were lost: everything is told again.
    private mutating func lookAgain() {
        note("the daemon looks at everything again")
        kernel.catchUp()
        tellUplinks()
        tellAddresses()
    }

    /// A list that fails is asked for again, together with everything else.
    mutating func listAddresses() {
        if !isPeaceful, dice.once(in: 12) {
            kernel.loseNotices(after: kernel.notices.count)
        } else {
            tellAddresses()
        }
    }

    private mutating func noteHeard(_ isMeant: (IPv6Address) -> Bool) {
        for place in fought.indices where isMeant(fought[place].address) {
            fought[place].heardAt = fought[place].heardAt ?? now
        }
    }

    private mutating func tellAddresses() {
        noteHeard { _ in true }
        let ours = kernel.addresses.filter { $0.type != nil }
        for address in ours { tell(.addressListed(address.address)) }
        // What the notices lead to is not in the list.
        tell(.addressesListed)
        for address in ours { tell(address.notice) }
        expectAllBack()
    }

    private mutating func loseNoticesUnseen() {
        guard isAlive, !kernel.notices.isEmpty else { return }
        note("notices are lost")
        tally.count(.noticeOverruns)
        kernel.loseNotices(after: dice.roll(kernel.notices.count))
    }

    mutating func readDeaths() {
        while let event = sockets.nextDeath(&dice) {
            tally.count(.deathsTold)
            tell(event)
            if dice.once(in: 4) { return }
        }
    }
}

extension FakeSockets {
    fileprivate mutating func loseDeathsUnseen(_ dice: inout Dice, _ tally: inout Tally) {
        guard areDeathsFollowed else { return }
        tally.count(.deathOverruns)
        loseDeaths(after: dice.roll(3))
    }
}
