import Mobility

// Promises 1 and 3 when others take away what is ours: what is in use comes back, but not for ever.

extension History {
    /// So often within `fightPeriod` something is put back, and no more.
    private static let mostPutBacks = 3
    /// A minute, but for the time that the daemon takes to find out whether what it lost was in use.
    private static let fightPeriod: Duration = .seconds(55)
    private static let timeToPutBack: Duration = .seconds(1)

    /// What is in use and was taken away is there again soon, unless that would be a fight.
    mutating func expectBack(_ address: IPv6Address) {
        awaited.removeAll { $0.address == address }
        if isMissed(address) { awaited.append((address, now + Self.timeToPutBack)) }
    }

    mutating func expectBack(_ prefix: IPv6Prefix) {
        awaitedRoutes.removeAll { $0.prefix == prefix }
        awaitedRoutes.append((prefix, now + Self.timeToPutBack))
    }

    mutating func checkAreBack() {
        guard isAlive else { return }
        for (address, due) in awaited where due < now && isMissed(address) {
            broken("promise 1: \(address) was taken away from a socket, and is not put back")
        }
        for (prefix, due) in awaitedRoutes where due < now && isMissed(prefix) {
            broken("promise 1: the local route to \(prefix) was taken away, and is not put back")
        }
        awaited.removeAll { $0.due < now }
        awaitedRoutes.removeAll { $0.due < now }
    }

    private func isMissed(_ prefix: IPv6Prefix) -> Bool {
        guard !kernel.routing.contains(.localRoute(prefix)), !kernel.haveNoticesBeenLost,
            !givenUp.contains(.routing(.localRoute(prefix))),
            !kernel.notices.contains(.routingLost(.localRoute(prefix)))
        else { return false }
        return records.all.contains { $0.map { prefix.contains($0.address) } ?? false }
    }

    private func isMissed(_ address: IPv6Address) -> Bool {
        guard isAlive, breach == nil, kernel.ours(address) == nil, !kernel.hasNews(of: address),
            let user = user(of: address), let record = records.first(user.cookie, address),
            !record.isRoutedOnly
        else { return false }
        return isPlaceUp(address)
            && !givenUp.contains(.address(address)) && !refusedBack.contains(address)
            && !lostToNeighbours.contains(address)
    }

    /// False while the interface where the address belongs is down or not there.
    func isPlaceUp(_ address: IPv6Address) -> Bool {
        let source = scenario.configuration.sources[0]
        guard source.place == .interface, source.prefixes[0].contains(address) else { return true }
        return kernel.links.contains { $0.name == source.interface && $0.isUp }
    }

    /// Called when somebody's change, of which the daemon heard at a time, was undone.
    mutating func checkPutBack(_ thing: OwnThing, heardAt: Instant) {
        if givenUp.contains(thing) { broken("promise 3: \(thing) is put back after that was given up") }
        let recently = putBacks.count { $0.thing == thing && heardAt < $0.at + Self.fightPeriod }
        putBacks.append((thing, heardAt))
        if recently >= Self.mostPutBacks {
            broken("promise 3: \(thing) is put back for the \(recently + 1)th time in a minute")
        }
    }

    mutating func expectAllBack() {
        for place in sockets.open {
            for address in sockets.all[place].given { expectBack(address) }
        }
    }
}
