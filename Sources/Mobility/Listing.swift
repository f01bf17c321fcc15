// The state as administration shows it.

extension Rules {
    public var addressCount: Int { addresses.count }
    /// Sockets that keep an address, each counted once for each address.
    public var socketCount: Int { sockets.count }

    /// Whether some socket keeps an address only because the kernel listed it as bound to it.
    public var hasFoundSockets: Bool { sockets.foundCount > 0 }

    /// The cookies of all sockets that keep addresses; of one that keeps several, several times.
    public func visitSockets(_ body: (SocketCookie) -> Void) { sockets.visit { body($0.cookie) } }

    /// The name of an interface that is there.
    public func interfaceName(of index: UInt32) -> InterfaceName? { uplinks.name(of: index) }

    /// The index of an interface that is there.
    public func interfaceIndex(of name: InterfaceName) -> UInt32? { uplinks.index(of: name) }

    /// Whether a request waits for what a source, or the routers on a link, are going to say.
    public func isAwaitingPrefix(_ id: RequestID) -> Bool {
        // Who has just begun to wait is the last.
        waiting.last { $0.request.id == id }?.question != nil
    }

    /// Every address, without what takes time to find out or memory to keep.
    public func visitAddresses(_ body: (AddressOutline) -> Void) {
        addresses.visit { _, record in
            body(
                AddressOutline(
                    type: record.type, state: record.state, isEnding: record.farewell != nil,
                    hasEnded: record.farewell?.isOver ?? false, sockets: record.references))
        }
    }

    public func addressSummaries(at now: Instant) -> [AddressSummary] {
        var summaries: [AddressSummary] = []
        addresses.visit { _, record in summaries.append(summary(of: record, at: now)) }
        return summaries.sorted { ($0.type, $0.address) < ($1.type, $1.address) }
    }

    /// Nil if the address is not ours.
    public func addressSummary(of address: IPv6Address, at now: Instant) -> AddressSummary? {
        addresses.slot(of: address).map { summary(of: addresses[$0], at: now) }
    }

    public func socketSummaries() -> [SocketSummary] {
        var summaries: [SocketSummary] = []
        sockets.visit { entry in
            let record = addresses[Int(entry.slot)]
            summaries.append(
                SocketSummary(
                    cookie: entry.cookie, address: record.address, type: record.type,
                    transport: entry.transport,
                    user: entry.user, process: entry.process))
        }
        return summaries.sorted { $0.cookie < $1.cookie }
    }

    public func sourceSummaries() -> [SourceSummary] {
        zip(configuration.sources, offers).map { source, offer in
            SourceSummary(source: source, addresses: offer.addressCount, isAvailable: isAvailable(offer))
        }
    }

    /// The networks that the host is on, one for each uplink that sources use.
    public func networkSummaries(at now: Instant) -> [NetworkSummary] {
        uplinks.indices.filter(isUplink).compactMap { index in
            guard let interface = uplinks.name(of: index) else { return nil }
            let attachment = uplinks[attachmentOf: index]
            let isThere = uplinks.isRunning(index) && attachment?.isInDoubt == false
            return NetworkSummary(
                interfaceIndex: index, interface: interface,
                router: uplinks.router(of: index).flatMap { $0 == Router.farEnd ? nil : $0 },
                prefixes: advertisedPrefixes.prefixes(on: index),
                age: isThere ? attachment.map { now.since($0.since) } : nil)
        }
    }

    /// Whether a socket was given an address, and has not been closed since.
    public func keeps(_ cookie: SocketCookie, address: IPv6Address) -> Bool {
        addresses.slot(of: address).map { keeps(cookie, $0) } ?? false
    }

    private func isAvailable(_ offer: Offer) -> Bool {
        offer.uplinks.isEmpty
            ? uplinks.hasPlace(for: offer)
            : !uplinks.running(matching: offer.uplinks).isEmpty
    }

    private func summary(of record: AddressRecord, at now: Instant) -> AddressSummary {
        AddressSummary(
            address: record.address, type: record.type, state: record.state,
            source: record.pool.flatMap { pools[$0].source }.map { configuration.sources[$0].name },
            interfaceIndex: record.interfaceIndex, sockets: record.references,
            age: now.since(record.madeAt), isHeld: record.isHeld,
            isInitial: record.isInitial,
            owner: record.owner,
            lingerLeft: record.state == .lingering ? record.lingerEnd.map { $0.since(now) } : nil,
            end: record.farewell.map { farewell in
                AddressEnd(
                    isOver: farewell.isOver, left: farewell.end.map { $0.since(now) },
                    replacement: farewell.replacement)
            })
    }
}
