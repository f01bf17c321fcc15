/// What a history is made of, counted to show that it is not trivial.
public enum Occurrence: Int, CaseIterable, Sendable {
    case requests, grants, refusals, timeouts, cancels, givenByKernel
    case sockets, bindings, acceptedChildren, passedSockets, closes, silentDeaths, timeWaits, processEnds
    case deathsTold, deathOverruns, noticesTold, noticeOverruns
    case listings, interruptedListings, failedListings, holderSearches, unreadableProcesses
    case addressesAdded, addressesRefused, addressesTaken, duplicates, addressesRemoved, detectionsAgain
    case deletedByOthers, overwrittenByOthers, addedElsewhere, routingDeletedByOthers
    case putBacks, givenUp, letGo
    case linkChanges, routerChanges, reconfigurations
    case recordsKept, recordsRefused, recordsErased, recordLosses
    case starts, stops, kills, killsInTheMiddle, killsWhileStarting
    case addressesFound, recordsFound, holdsReleased
}

/// How often each occurrence was seen.
public struct Tally: Sendable {
    private var counts = [Int](repeating: 0, count: Occurrence.allCases.count)

    public init() {}

    public subscript(occurrence: Occurrence) -> Int { counts[occurrence.rawValue] }

    mutating func count(_ occurrence: Occurrence) { counts[occurrence.rawValue] &+= 1 }

    public mutating func add(_ other: Tally) {
        for place in counts.indices { counts[place] += other.counts[place] }
    }
}

extension Occurrence {
    /// The name of the case, as words.
    public var words: String {
        var text = ""
        for letter in "\(self)" {
            if letter.isUppercase { text += " " }
            text += letter.lowercased()
        }
        return text
    }
}
