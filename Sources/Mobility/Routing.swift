// Packets from our addresses leave by their own uplink: one rule for each prefix that has addresses, and a table
// for each uplink that has rules.
//
// Packets to a prefix that is routed to this host are for this host, whether it has the address now or not. Without a
// route that says so, those to unused addresses would go back to the router and come again (RFC 7084, WPD-5),
// and the answer to the first packet from a new address could come before the kernel's own route, which a worker
// inserts after the address was added.

extension Rules {
    /// Sees to it that packets from a pool's prefix are routed as its source says.
    mutating func routePackets(of pool: Int, _ actions: inout [Action]) {
        guard let source = pools[pool].source.map({ offers[$0] }) else { return }
        let prefix = pools[pool].prefix
        if source.place != .interface, !pools[pool].hasLocalRoute {
            pools[pool].hasLocalRoute = true
            actions.append(.addLocalRoute(prefix))
        }
        guard let uplink = source.interface.flatMap({ uplinks.index(of: $0) }),
            pools[pool].ruledUplink != uplink
        else { return }
        stopRuling(pool, &actions)
        if !isRuled(uplink) {
            actions.append(.addTable(uplink: uplink))
            if let router = uplinks.router(of: uplink) { actions.append(.setRouter(uplink: uplink, router)) }
        }
        if source.place == .interface { actions.append(.addLinkRoute(prefix, uplink: uplink)) }
        pools[pool].hasLinkRoute = source.place == .interface
        pools[pool].ruledUplink = uplink
        actions.append(.addRule(prefix, uplink: uplink))
    }

    /// Removes all routing of a pool's prefix.
    mutating func stopRouting(_ pool: Int, _ actions: inout [Action]) {
        stopRuling(pool, &actions)
        guard pools[pool].hasLocalRoute else { return }
        pools[pool].hasLocalRoute = false
        actions.append(.removeLocalRoute(pools[pool].prefix))
    }

    private mutating func stopRuling(_ pool: Int, _ actions: inout [Action]) {
        guard let uplink = pools[pool].ruledUplink else { return }
        actions.append(.removeRule(pools[pool].prefix, uplink: uplink))
        if pools[pool].hasLinkRoute { actions.append(.removeLinkRoute(pools[pool].prefix, uplink: uplink)) }
        pools[pool].hasLinkRoute = false
        pools[pool].ruledUplink = nil
        if !isRuled(uplink) { actions.append(.removeTable(uplink: uplink)) }
    }

    private func isRuled(_ uplink: UInt32) -> Bool { pools.contains { $0.ruledUplink == uplink } }

    /// Brings the routing up to date with the links and routers that were told anew.
    mutating func refreshRouting(_ actions: inout [Action]) {
        for pool in pools.indices {
            guard let uplink = pools[pool].ruledUplink else { continue }
            if uplinks.name(of: uplink) == nil {
                stopRuling(pool, &actions)
            } else {
                actions.append(.setRouter(uplink: uplink, uplinks.router(of: uplink)))
            }
        }
        for pool in pools.indices where pools[pool].addressCount > 0 { routePackets(of: pool, &actions) }
    }

    // MARK: Interfaces and routers come and go

    mutating func linkAppeared(_ index: UInt32, _ name: InterfaceName, _ actions: inout [Action]) {
        guard uplinks.name(of: index) != name else { return }
        uplinks.add(index, name)
        for pool in pools.indices where pools[pool].addressCount > 0 { routePackets(of: pool, &actions) }
    }

    /// Addresses on the interface went with it: nobody new gets them.
    mutating func linkDisappeared(_ index: UInt32, at now: Instant, _ actions: inout [Action]) {
        uplinks.remove(index)
        for slot in addresses.indices
        where addresses.isOccupied(slot) && addresses[slot].interfaceIndex == index {
            release(addresses[slot].address, at: now, &actions)
        }
        for pool in pools.indices where pools[pool].ruledUplink == index { stopRuling(pool, &actions) }
    }

    mutating func routerAppeared(_ router: Router, _ actions: inout [Action]) {
        changeRouters(of: router.interfaceIndex, &actions) { $0.add(router) }
    }

    mutating func routerDisappeared(_ router: Router, _ actions: inout [Action]) {
        changeRouters(of: router.interfaceIndex, &actions) { $0.remove(router) }
    }

    private mutating func changeRouters(
        of uplink: UInt32, _ actions: inout [Action], _ change: (inout Uplinks) -> Void
    ) {
        let before = uplinks.router(of: uplink)
        change(&uplinks)
        let after = uplinks.router(of: uplink)
        if before != after, isRuled(uplink) { actions.append(.setRouter(uplink: uplink, after)) }
    }
}
