import Mobility

// Applications and the administrator: they ask, bind, accept, pass on and close.

extension History {
    private static let users = 3
    /// An application opens no more sockets at a time in one history.
    private static let mostOpen = 24

    mutating func applicationStep() {
        switch dice.roll(56) {
        case 0..<24: ask()
        case 24..<34: if let cookie = anyOpenSocket() { close(cookie) }
        case 34..<40: bindOwn()
        case 40..<43: bindByHand()
        case 43..<45: acceptChild()
        case 45..<47: passOn()
        case 47: endProcess()
        case 48: changeSight()
        case 49, 50: cancelOne()
        case 51: assignTypes()
        case 52..<55: giveByKernel()
        default: releaseOne()
        }
    }

    // MARK: Asking

    private mutating func ask() {
        guard isAlive else { return }
        lastRequest += 1
        tally.count(.requests)
        let id = RequestID(lastRequest)
        let type = ContinuityType(rawValue: UInt8(1 + dice.roll(ContinuityType.allCases.count)))!
        let deadline = now + Scenario.requestTimeout
        guard !dice.once(in: 20) else {
            pending.append(
                Pending(id: id, cookie: nil, deadline: deadline, policy: scenario.configuration.policy))
            tell(.requested(AddressRequest(id: id, type: type, requester: nil)))
            return
        }
        let cookie = askingSocket()
        pending.append(
            Pending(id: id, cookie: cookie, deadline: deadline, policy: scenario.configuration.policy))
        let requester = requester(cookie)
        tell(.requested(AddressRequest(id: id, type: type, onNet: dice.once(in: 6), requester: requester)))
    }

    private mutating func askingSocket() -> SocketCookie {
        if sockets.open.count >= Self.mostOpen || dice.once(in: 3), let open = anyOpenSocket() { return open }
        return makeSocket(isAnnounced: !dice.once(in: 6))
    }

    private mutating func makeSocket(isAnnounced: Bool) -> SocketCookie {
        tally.count(.sockets)
        let living = sockets.living
        return sockets.make(
            user: UInt32(dice.roll(Self.users)), isAnnounced: isAnnounced,
            isListed: isAnnounced || dice.once(in: 2), maker: living[dice.roll(living.count)])
    }

    private mutating func requester(_ cookie: SocketCookie) -> Requester {
        let socket = sockets[cookie]
        let isKnown = sockets.processes[socket.holder].isThere && !dice.once(in: 16)
        return Requester(
            cookie: cookie, transport: socket.isAnnounced ? 6 : 58, user: socket.user,
            process: isKnown ? FakeProcess.number(at: socket.holder) : Requester.unknownProcess,
            inode: UInt32(cookie), isDeathAnnounced: socket.isAnnounced)
    }

    mutating func cancelOne() {
        guard !pending.isEmpty else { return }
        tally.count(.cancels)
        let id = pending.swapOut(dice.roll(pending.count)).id
        tell(.requestCancelled(id))
    }

    private mutating func releaseOne() {
        guard isAlive else { return }
        if !held.isEmpty {
            release(held[dice.roll(held.count)])
        } else if dice.once(in: 4), let any = dice.pick(kernel.addresses), any.type != nil {
            release(any.address)
        }
    }

    mutating func release(_ address: IPv6Address) {
        guard isAlive else { return }
        tally.count(.holdsReleased)
        held.removeAll { $0 == address }
        tell(.released(address))
    }

    // MARK: Addresses from the kernel

    /// Control groups get types, or lose them.
    private mutating func assignTypes() {
        guard isAlive, kernelGives else { return }
        assignedTypes = Set(ContinuityType.allCases.filter { _ in dice.once(in: 3) })
        tell(.typesAssigned(assignedTypes))
    }

    /// A program that does not ask gets the address of its type: as a connection, which is bound to it, or as the source of
    /// its datagrams, which no list of the kernel tells.
    private mutating func giveByKernel() {
        guard isAlive, let type = assignedTypes.sorted().first,
            let address = rules.addressForEverybody(type), sockets.open.count < Self.mostOpen
        else { return }
        tally.count(.givenByKernel)
        let cookie = makeSocket(isAnnounced: true)
        if dice.once(in: 2) { bind(cookie, to: address) }
        tell(.addressGiven(address, requester(cookie)))
        if records.contains(cookie, address) { sockets[cookie].given.append(address) }
    }

    // MARK: Using

    private mutating func anyOpenSocket() -> SocketCookie? {
        dice.pick(sockets.open).map { SocketCookie($0) + 1 }
    }

    mutating func close(_ cookie: SocketCookie) {
        tally.count(sockets[cookie].isAnnounced ? .closes : .silentDeaths)
        note("socket \(cookie) is closed")
        if let bound = sockets[cookie].bound, sockets[cookie].isListed, dice.once(in: 6) {
            tally.count(.timeWaits)
            sockets.leaveTimeWait(on: bound, at: now)
        }
        sockets.close(cookie)
    }

    /// Binds a socket to an address that it was given.
    private mutating func bindOwn() {
        guard let cookie = anyOpenSocket(), let address = sockets[cookie].given.last,
            kernel.canBeBound(address) || kernel.isLocal(address), mustKeep(sockets[cookie], address)
        else { return }
        bind(cookie, to: address)
    }

    /// Binds a socket that has not asked, to an address that there is or, with IPV6_FREEBIND, to one that
    /// another was given.
    private mutating func bindByHand() {
        let anothers = anyOpenSocket().flatMap { sockets[$0].given.last }
        if let anothers, kernel.isLocal(anothers), user(of: anothers) != nil {
            bind(makeSocket(isAnnounced: true), to: anothers)
        } else if let any = dice.pick(kernel.addresses), any.detection == .passed {
            bind(makeSocket(isAnnounced: true), to: any.address)
        }
    }

    private mutating func bind(_ cookie: SocketCookie, to address: IPv6Address) {
        guard sockets[cookie].bound == nil else { return }
        tally.count(.bindings)
        note("socket \(cookie) is bound to \(address)")
        sockets[cookie].bound = address
        // The kernel can name it from now on.
        if sockets[cookie].isListed { sockets[cookie].forgotten.removeAll { $0 == address } }
    }

    private mutating func acceptChild() {
        guard let listener = anyOpenSocket(), sockets[listener].isAnnounced,
            let address = sockets[listener].bound
        else { return }
        tally.count(.acceptedChildren)
        let child = makeSocket(isAnnounced: true)
        note("socket \(child) is accepted on \(address)")
        sockets[child].bound = address
        // Nobody can know of it either.
        sockets[child].isAdrift = sockets[listener].isAdrift
    }

    // MARK: Processes

    /// By SCM_RIGHTS, or by a fork of which only the child keeps the socket.
    private mutating func passOn() {
        guard let cookie = anyOpenSocket() else { return }
        let living = sockets.living
        tally.count(.passedSockets)
        sockets[cookie].holder = living[dice.roll(living.count)]
        note("socket \(cookie) is passed to process \(FakeProcess.number(at: sockets[cookie].holder))")
    }

    private mutating func endProcess() {
        guard let process = dice.pick(sockets.living) else { return }
        tally.count(.processEnds)
        note("process \(FakeProcess.number(at: process)) ends")
        sockets.end(process)
    }

    private mutating func changeSight() {
        guard let process = dice.pick(sockets.living) else { return }
        tally.count(.unreadableProcesses)
        sockets.setReadable(process, dice.once(in: 2))
    }
}
