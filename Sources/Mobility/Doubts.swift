// Deaths that the kernel could not tell of (ENOBUFS): which of the tracked sockets are still there?
//
// A socket that is bound is in the kernel's list of all sockets. One that was given an address and has not bound is in
// no list; it is taken for closed only when its process is gone. In doubt it stays, and is looked for again.

extension Rules {
    mutating func doubtAllSockets(_ actions: inout [Action]) {
        sockets.change { $0.isDoubtful = true }
        askForDoubtfulSockets(&actions)
    }

    mutating func askForDoubtfulSockets(_ actions: inout [Action]) {
        areDoubtsOnAgenda = false
        actions.append(.findSockets(.everything))
    }

    /// All sockets that are bound have been counted: what is doubtful now is not bound.
    mutating func resolveDoubts(at now: Instant, _ actions: inout [Action]) {
        var remain = false
        for entry in doubtfulEntries() {
            if entry.process == 0 {
                // It was bound when it was found, and a socket does not unbind.
                forget(entry.cookie, at: now, &actions)
            } else {
                actions.append(.checkProcess(entry.cookie, process: entry.process))
                remain = true
            }
        }
        if remain { lookAgainForDoubts(at: now) }
    }

    mutating func lookAgainForDoubts(at now: Instant) {
        guard !areDoubtsOnAgenda else { return }
        areDoubtsOnAgenda = true
        agenda.add(.doubts, due: now + Self.doubtAgainAfter)
    }

    private func doubtfulEntries() -> [SocketTable.Entry] {
        var entries: [SocketTable.Entry] = []
        sockets.visit { if $0.isDoubtful { entries.append($0) } }
        return entries
    }
}
