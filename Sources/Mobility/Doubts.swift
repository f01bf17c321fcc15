// Which of the tracked sockets are still there, when the kernel did not say? It could not tell of some deaths
// (ENOBUFS), nobody was there to be told (a new daemon), or it never tells of such a socket's death.
//
// A socket that is bound is in the kernel's list of all sockets. One that was given an address and has not bound
// is in no list: then the processes that hold it are looked for. It is gone when nobody has it. In doubt it stays,
// and is looked for again.

extension Rules {
    mutating func doubtAllSockets(at now: Instant, _ actions: inout [Action]) {
        sockets.change { $0.isDoubtful = true }
        patience = Self.firstPatience
        for index in waiting.indices { waiting[index].isDoubtful = true }
        // While sockets die by the thousand the kernel loses count again and again: the last time matters.
        let soonest = lastLook.map { $0 + Self.looksApart } ?? now
        if soonest > now { lookAtDoubts(at: soonest) } else { lookAtDoubts(now, &actions) }
    }

    /// Has doubtful sockets looked for at a time, or earlier.
    mutating func lookAtDoubts(at due: Instant) {
        if let planned = doubtsDue, planned <= due { return }
        doubtsDue = due
        agenda.add(.doubts, due: due)
    }

    /// Called when the agenda looks at doubts; `due` tells an entry that holds from one that is out of date.
    mutating func doubtsAreDue(_ due: Instant, at now: Instant, _ actions: inout [Action]) {
        guard doubtsDue == due else { return }
        doubtsDue = nil
        lookAtDoubts(now, &actions)
    }

    private mutating func lookAtDoubts(_ now: Instant, _ actions: inout [Action]) {
        lastLook = now
        if isTidyDue || sockets.contains(where: { $0.isDoubtful && !$0.isSilent }) {
            actions.append(.findSockets(.everything))
        } else {
            findHolders(at: now, &actions)
        }
    }

    /// All sockets that are bound have been counted: what is doubtful now is not bound.
    mutating func resolveDoubts(at now: Instant, _ actions: inout [Action]) {
        var gone: [SocketCookie] = []
        sockets.visit { entry in
            // One that was only found was bound then, and a socket does not unbind.
            if entry.isDoubtful, entry.process == 0 { gone.append(entry.cookie) }
        }
        for cookie in gone { forget(cookie, at: now, &actions) }
        findHolders(at: now, &actions)
    }

    private mutating func findHolders(at now: Instant, _ actions: inout [Action]) {
        guard sockets.contains(where: { $0.isDoubtful || $0.isSilent }) else { return }
        actions.append(.findHolders)
        // Who is in doubt is often just ending; who is silent has time.
        lookAtDoubts(at: now + (sockets.contains(where: \.isDoubtful) ? patience : Self.lookAgainAfter))
        patience = min(patience * 2, Self.lookAgainAfter)
    }

    /// The sockets that may have died without a word.
    public var suspects: [Suspect] {
        var suspects: [Suspect] = []
        sockets.visit { entry in
            // One that was only found is in the kernel's list or gone.
            guard entry.isDoubtful || entry.isSilent, entry.process != 0 else { return }
            suspects.append(Suspect(cookie: entry.cookie, process: entry.process, inode: entry.inode))
        }
        return suspects
    }

    mutating func trust(_ cookie: SocketCookie) {
        sockets.change(cookie) { $0.isDoubtful = false }
    }
}
