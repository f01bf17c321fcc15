import Mobility

// What happens to the daemon itself, but for its start.

extension History {
    /// Something happens to the daemon itself.
    mutating func daemonStep() {
        switch dice.roll(8) {
        case 0 where isAlive:
            note("SIGTERM")
            tally.count(.stops)
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

    private mutating func loseNoticesUnseen() {
        guard isAlive, !kernel.notices.isEmpty else { return }
        note("notices are lost")
        tally.count(.noticeOverruns)
        kernel.loseNotices(after: dice.roll(kernel.notices.count))
    }

    /// Nothing that only the daemon knew is left.
    mutating func die() {
        note("the daemon is gone")
        isAlive = false
        actionsLeft = nil
        withheld = nil
        late.removeAll(keepingCapacity: true)
        pending.removeAll(keepingCapacity: true)
        sockets.stopFollowingDeaths()
        kernel.isWatched = false
        kernel.catchUp()
    }
}

extension FakeSockets {
    fileprivate mutating func loseDeathsUnseen(_ dice: inout Dice, _ tally: inout Tally) {
        guard areDeathsFollowed else { return }
        tally.count(.deathOverruns)
        loseDeaths(after: dice.roll(3))
    }
}
