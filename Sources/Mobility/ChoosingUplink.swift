// Several uplinks: a prefix that is anchored elsewhere is reached by whichever works. It goes from one to another without a
// moment in which its packets have no way.

extension Rules {
    /// A carrier that returns sooner was not gone: what moves for it would move back.
    static let carrierPatience: Duration = .milliseconds(200)

    /// A carrier is gone: unless it returns soon, what left by it leaves by another.
    mutating func lookForUplinks(at due: Instant) {
        guard pools.contains(where: mayChangeUplink) else { return }
        agenda.add(.uplinkChoice, due: due)
    }

    /// Lets each anchored prefix leave by the best of its uplinks.
    mutating func chooseUplinks(_ actions: inout [Action]) {
        for pool in pools.indices where mayChangeUplink(pools[pool]) {
            guard let chosen = bestUplink(of: pools[pool]), chosen != pools[pool].interface else { continue }
            pools[pool].interface = chosen
            if var lease = pools[pool].lease {
                lease.interface = chosen
                pools[pool].origin = .lease(lease)
                actions.append(.network(.rebind(lease.id, interface: chosen)))
            }
            if pools[pool].addressCount > 0 { routePackets(of: pool, &actions) }
        }
    }

    /// Its addresses do not stand on the uplink, and are meant to outlive it.
    private func mayChangeUplink(_ pool: Pool) -> Bool {
        guard let source = pool.source, pool.place != .interface else { return false }
        return switch pool.origin {
        case .configuration: !configuration.sources[source].alternatives.isEmpty
        case .lease(let lease): lease.type.isAnchored && !offers[source].uplinks.isEmpty
        case .advertisement: false
        }
    }

    /// The first that works of those that the configuration names; a lease stays with its uplink while that works.
    ///
    /// - Returns: nil if none does.
    private func bestUplink(of pool: Pool) -> InterfaceName? {
        guard let source = pool.source else { return nil }
        let candidates: [UInt32]
        if pool.lease == nil {
            let source = configuration.sources[source]
            candidates = ([source.interface].compactMap(\.self) + source.alternatives)
                .compactMap { uplinks.index(of: $0) }
        } else {
            let current = pool.interface.flatMap { uplinks.index(of: $0) }
            candidates =
                [current].compactMap(\.self) + uplinks.running(matching: offers[source].uplinks)
        }
        return candidates.first { isServing($0, pool.interface) }.flatMap(uplinks.name(of:))
    }

    /// Packets can leave by the link. Of one that they do not leave by yet it must be certain on which network it is.
    private func isServing(_ index: UInt32, _ current: InterfaceName?) -> Bool {
        guard uplinks.isRunning(index), uplinks.router(of: index) != nil else { return false }
        return uplinks.name(of: index) == current || uplinks[attachmentOf: index]?.isInDoubt != true
    }
}
