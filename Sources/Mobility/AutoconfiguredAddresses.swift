/// Addresses that others made in advertised prefixes, on all links.
struct AutoconfiguredAddresses {
    private struct Entry {
        var address: AutoconfiguredAddress
        /// The kernel has it, as far as its list has been read, or it has told of it since.
        var isListed = true
    }

    private var entries: [Entry] = []

    subscript(address: IPv6Address) -> AutoconfiguredAddress? {
        entries.first { $0.address.address == address }?.address
    }

    /// One in a prefix that new sockets may have.
    func preferred(in prefix: IPv6Prefix, on index: UInt32) -> AutoconfiguredAddress? {
        entries.first {
            $0.address.interfaceIndex == index && $0.address.isPreferred
                && prefix.contains($0.address.address)
        }?.address
    }

    mutating func update(_ new: AutoconfiguredAddress) {
        if let place = place(of: new.address, on: new.interfaceIndex) {
            entries[place] = Entry(address: new)
        } else {
            entries.append(Entry(address: new))
        }
    }

    mutating func remove(_ address: IPv6Address, on index: UInt32) {
        if let place = place(of: address, on: index) { entries.remove(at: place) }
    }

    /// All that are there are going to be told.
    mutating func expectList() {
        for index in entries.indices { entries[index].isListed = false }
    }

    /// Takes out those that were not told since a list was expected.
    mutating func sweep() -> [AutoconfiguredAddress] {
        let gone = entries.filter { !$0.isListed }.map(\.address)
        entries.removeAll { !$0.isListed }
        return gone
    }

    mutating func removeAll(where condition: (UInt32) -> Bool) {
        entries.removeAll { condition($0.address.interfaceIndex) }
    }

    private func place(of address: IPv6Address, on index: UInt32) -> Int? {
        entries.firstIndex { $0.address.address == address && $0.address.interfaceIndex == index }
    }
}
