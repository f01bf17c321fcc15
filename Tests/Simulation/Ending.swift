import Mobility

// The end of a history: everybody closes, nobody lies any more, time passes, and nothing may be left.

extension History {
    /// After the last news: the longest linger time, and a little of TIME-WAIT, but not all of it.
    private static let peace: Duration = Scenario.longestLinger + .seconds(5)

    mutating func passTime() { pass(.milliseconds(dice.once(in: 3) ? dice.roll(15_000) : dice.roll(1_500))) }

    mutating func pass(_ duration: Duration) {
        let end = now + duration
        // After a sleep all that was due in it comes at once.
        if !isPeaceful, dice.once(in: 8) { now = end }
        var told = 0
        while isAlive, breach == nil, let next = rules.nextDeadline, next <= end {
            now = max(now, next)
            tell(.deadlineReached)
            told += 1
            if told > 2_000 { broken("promise 5: the clock is asked for again and again") }
        }
        now = end
        checkDeadlines()
        if !awaited.isEmpty || !awaitedRoutes.isEmpty { checkAreBack() }
    }

    mutating func end() {
        guard breach == nil else { return }
        note("everybody closes")
        isPeaceful = true
        records.isFull = false
        actionsLeft = nil
        // What is kept for ever is not kept any more.
        scenario.configuration.types.fixed.linger = .zero
        scenario.endInitialSet()
        assignedTypes = []
        if isAlive { reconfigure() } else { start() }
        tell(.typesAssigned([]))
        checkRecords()
        makeUplinkWhole()
        for process in sockets.living { sockets.setReadable(process, true) }
        for place in sockets.open.reversed() { close(SocketCookie(place) + 1) }
        for _ in 0..<8 where breach == nil {
            settle()
            pass(.milliseconds(2_600))
        }
        pass(Self.peace)
        checkNothingIsLeft()
    }

    private mutating func settle() {
        sockets.endTimeWaits(at: now)
        tellLate()
        while sockets.hasUndelivered { readDeaths() }
        detectDuplicates()
        while !kernel.notices.isEmpty || kernel.haveNoticesBeenLost { readNotices() }
        // Also what was recorded for an administrator who was not told any more: he sees it in the list.
        for summary in rules.addressSummaries(at: now) where summary.isHeld { release(summary.address) }
    }

    // MARK: 2: an address that nobody uses goes away, and nothing is left behind

    private mutating func checkNothingIsLeft() {
        guard breach == nil else { return }
        for address in kernel.addresses where address.type != nil {
            broken("promise 2: the kernel still has \(address.address)")
        }
        for left in rules.addressSummaries(at: now) { broken("promise 2: the rules still have \(left)") }
        for left in rules.socketSummaries() { broken("promise 2: the rules still track \(left)") }
        for case let record? in records.all { broken("promise 2: still recorded: \(record)") }
        if let piece = kernel.routing.first { broken("promise 2: the kernel still has \(piece)") }
        if sockets.areDeathsFollowed { broken("promise 2: deaths are still followed") }
        if let next = rules.nextDeadline { broken("promise 2: something is due at \(next.microseconds) µs") }
        if let never = pending.first { broken("promise 5: request \(never.id.number) was never answered") }
    }
}
