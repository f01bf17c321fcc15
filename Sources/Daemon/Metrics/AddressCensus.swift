import Mobility

/// How many addresses there are of each type in each state, and how many sockets keep them.
struct AddressCensus {
    private var addresses: PerType<[AddressStateName: Int]> = PerType(repeating: [:])
    private(set) var sockets = PerType<Int>(repeating: 0)

    init() {}

    init(_ rules: Rules) { rules.visitAddresses { count($0) } }

    mutating func count(_ outline: AddressOutline) {
        let name = AddressStateName(outline.state, isEnding: outline.isEnding, hasEnded: outline.hasEnded)
        addresses[outline.type][name, default: 0] += 1
        sockets[outline.type] += outline.sockets
    }

    subscript(type: ContinuityType, state: AddressStateName) -> Int { addresses[type][state] ?? 0 }
}
