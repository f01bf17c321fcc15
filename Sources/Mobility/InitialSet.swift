// Addresses that are there before anybody asks, and stay (`Acquire=boot`, or because programs get them which do not ask),
// and the one that programs get which ask for nothing (`DefaultType=`).

/// An address that is to be there for everybody of one type.
struct InitialAddress: Equatable {
    /// A source is being asked for it, or the kernel for its configuration.
    var isRequested = false
    /// After a failure it is not asked for before.
    var pauseEnd: Instant?
    private(set) var pause = Self.shortestPause

    static let shortestPause: Duration = .seconds(1)
    static let longestPause: Duration = .seconds(60)

    mutating func fail(at now: Instant) {
        isRequested = false
        pauseEnd = now + pause
        pause = min(pause * 2, Self.longestPause)
    }
}

extension Rules {
    /// After each event: what is to be there is asked for, and what it is preferred over is told to the kernel.
    mutating func settle(at now: Instant, _ actions: inout [Action]) {
        guard hasRecovered, !isStopping else { return }
        keepInitialSet(at: now, &actions)
        settlePreference(&actions)
        checkCompleteness()
    }

    // MARK: The initial set

    /// Whether an address of a type is to be there at all times. The kernel gives everybody the same.
    private func isForEverybody(_ type: ContinuityType) -> Bool {
        configuration.types[type].isAcquiredAtBoot
            || assignedTypes.contains(type) && configuration.types[type].share == .host
    }

    /// The address that everybody gets who asks for a type, if it is configured and can be bound; nil where not everybody
    /// gets the same (`Share=`).
    public func addressForEverybody(_ type: ContinuityType) -> IPv6Address? {
        guard configuration.types[type].share == .host, let slot = sharedByHost[type],
            addresses[slot].isReady, addresses[slot].interfaceIndex != nil
        else { return nil }
        return addresses[slot].address
    }

    /// Keeps the address that everybody gets, or asks for one, of each type that is to have one.
    private mutating func keepInitialSet(at now: Instant, _ actions: inout [Action]) {
        for type in ContinuityType.allCases
        where isForEverybody(type) || isInitialSetKept {
            let isWanted = isForEverybody(type)
            let offered = isWanted ? sharedByHost[type] : nil
            dropInitial(type, but: offered, at: now, &actions)
            if let offered {
                // One that is in the making may come to nothing.
                if addresses[offered].state == .active || addresses[offered].state == .lingering {
                    makeInitial(offered)
                }
            } else if isWanted {
                askForInitial(type, at: now, &actions)
            }
        }
        isInitialSetKept = ContinuityType.allCases.contains { isForEverybody($0) }
    }

    private mutating func makeInitial(_ slot: Int) {
        guard !addresses[slot].isInitial else { return }
        addresses[slot].isInitial = true
        initialAddresses.append(addresses[slot].address)
        initial[addresses[slot].type] = nil
        activate(slot)
    }

    /// What is not offered to everybody any more is kept by its sockets only.
    private mutating func dropInitial(
        _ type: ContinuityType, but kept: Int?, at now: Instant, _ actions: inout [Action]
    ) {
        for address in initialAddresses {
            guard let slot = addresses.slot(of: address), addresses[slot].isInitial else {
                initialAddresses.removeAll { $0 == address }
                continue
            }
            guard addresses[slot].type == type, slot != kept else { continue }
            addresses[slot].isInitial = false
            initialAddresses.removeAll { $0 == address }
            lingerIfUnused(slot, at: now, &actions)
        }
    }

    private mutating func askForInitial(_ type: ContinuityType, at now: Instant, _ actions: inout [Action]) {
        var wanted = initial[type] ?? InitialAddress()
        guard !wanted.isRequested else { return }
        if let end = wanted.pauseEnd, now < end { return }
        wanted.isRequested = true
        wanted.pauseEnd = nil
        initial[type] = wanted
        replacementCount += 1
        var request = AddressRequest(id: RequestID(.max - replacementCount), type: type, requester: nil)
        request.isInitial = true
        resume(WaitingRequest(request, deadline: now + configuration.requestTimeout), at: now, &actions)
    }

    /// What became of the request for an address of the initial set.
    ///
    /// - Parameter slot: of the address; nil if there is none.
    mutating func concludeInitial(
        _ type: ContinuityType, with slot: Int?, at now: Instant, _ actions: inout [Action]
    ) {
        guard let slot else { return initial[type, default: InitialAddress()].fail(at: now) }
        if isForEverybody(type) { return makeInitial(slot) }
        // The policy has changed meanwhile.
        initial[type] = nil
        lingerIfUnused(slot, at: now, &actions)
    }

    /// When something is to be asked for again; nil if nothing is missing, or it is in the making.
    var initialPauseEnd: Instant? {
        guard hasRecovered, !isStopping else { return nil }
        return ContinuityType.allCases.lazy
            .filter { isForEverybody($0) && sharedByHost[$0] == nil }
            .compactMap { initial[$0]?.pauseEnd }.min()
    }

    /// A network has come: what it may give is asked for at once.
    mutating func endInitialPauses() {
        for type in initial.keys where initial[type]?.pauseEnd != nil {
            initial[type]?.pauseEnd = Instant(microseconds: 0)
        }
    }

    private mutating func checkCompleteness() {
        guard !isInitialSetThere else { return }
        let isMissing = ContinuityType.allCases.contains { type in
            guard isForEverybody(type) else { return false }
            if let slot = sharedByHost[type] { return !addresses[slot].isReady }
            return initial[type]?.isRequested ?? false
        }
        isInitialSetThere = !isMissing
    }

    /// At the daemon's end nobody is left to keep it.
    mutating func dropInitialSet(at now: Instant, _ actions: inout [Action]) {
        isStopping = true
        for type in ContinuityType.allCases { dropInitial(type, but: nil, at: now, &actions) }
    }

    // MARK: The default type

    /// Whether programs that ask for nothing get the address: the one that everybody gets who asks for the type.
    func isPreferred(_ record: AddressRecord) -> Bool {
        guard let type = configuration.defaultType, record.type == type, !record.isOthers,
            let slot = sharedByHost[type]
        else { return false }
        return addresses[slot].address == record.address
    }

    /// Tells the kernel of addresses that are preferred by now, or are not any more.
    private mutating func settlePreference(_ actions: inout [Action]) {
        var candidates = preferred
        if let type = configuration.defaultType, let slot = sharedByHost[type] {
            candidates.append(addresses[slot].address)
        }
        preferred = []
        for address in candidates where !preferred.contains(address) {
            guard let slot = addresses.slot(of: address), addresses[slot].interfaceIndex != nil else {
                continue
            }
            let isWanted = isPreferred(addresses[slot])
            // One that is in the making may come to nothing, and is looked at again.
            let isInTheMaking = addresses[slot].state == .configuring || addresses[slot].state == .acquiring
            if isWanted || isInTheMaking { preferred.append(address) }
            guard !isInTheMaking, addresses[slot].isPreferred != isWanted else { continue }
            addresses[slot].isPreferred = isWanted
            guard !addresses[slot].isMissing, addresses[slot].state != .removing, !addresses[slot].isOthers
            else { continue }
            actions.append(.restoreAddress(plan(for: addresses[slot])))
        }
    }
}
