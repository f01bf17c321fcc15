// Packets from our addresses leave by their own uplink: one rule for each prefix that has addresses, and a table
// for each uplink that has rules.
//
// Packets to a prefix that is routed to this host are for this host, whether it has the address now or not. Without a
// route that says so, those to unused addresses would go back to the router and come again (RFC 7084, WPD-5),
// and the answer to the first packet from a new address could come before the kernel's own route, which a worker
// inserts after the address was added.

extension Rules {
    /// Sees to it that packets from a pool's prefix are routed as its place and its uplink demand.
    mutating func routePackets(of pool: Int, _ actions: inout [Action]) {
        guard pools[pool].source != nil else { return }
        let (prefix, place) = (pools[pool].prefix, pools[pool].place)
        if place != .interface, !pools[pool].hasLocalRoute {
            pools[pool].hasLocalRoute = true
            actions.append(.addRouting(.localRoute(prefix)))
        }
        guard let uplink = pools[pool].interface.flatMap({ uplinks.index(of: $0) }),
            pools[pool].ruledUplink != uplink, isToBeRuled(pool, by: uplink)
        else { return }
        let before = pools[pool]
        if !isRuled(uplink) {
            actions.append(.addRouting(.table(uplink: uplink)))
            if let router = uplinks.router(of: uplink) { actions.append(.setRouter(uplink: uplink, router)) }
        }
        pools[pool].hasMainRule = pools[pool].origin == .advertisement && !uplinks.isLeftToUs(uplink)
        // A single address has no neighbours in its prefix, and where the main table is looked at these are in it.
        pools[pool].hasLinkRoute = place == .interface && prefix.length < 128 && !pools[pool].hasMainRule
        if pools[pool].hasLinkRoute { actions.append(.addRouting(.linkRoute(prefix, uplink: uplink))) }
        pools[pool].ruledUplink = uplink
        if pools[pool].hasMainRule { actions.append(.addRouting(.mainRule(prefix))) }
        actions.append(.addRouting(.rule(prefix, uplink: uplink)))
        // Only now: there was no moment without.
        removeRuling(of: before, &actions)
    }

    /// Packets from the pool leave by a table of the uplink. An advertised prefix is everybody's on this host, and the main
    /// table does for it, unless it knows no router, or still one of a network that the host has left.
    private func isToBeRuled(_ pool: Int, by uplink: UInt32) -> Bool {
        pools[pool].origin != .advertisement || uplinks.isLeftToUs(uplink) || uplinks.hasStaleRouter(uplink)
    }

    /// Makes all routing of a pool's prefix again: some of it may not be there.
    mutating func renewRouting(of pool: Int, _ actions: inout [Action]) {
        let prefix = pools[pool].prefix
        if pools[pool].hasLocalRoute { makeAgain(.localRoute(prefix), &actions) }
        if let uplink = pools[pool].ruledUplink {
            makeAgain(.table(uplink: uplink), &actions)
            actions.append(.setRouter(uplink: uplink, uplinks.router(of: uplink)))
            if pools[pool].hasLinkRoute { makeAgain(.linkRoute(prefix, uplink: uplink), &actions) }
            if pools[pool].hasMainRule { makeAgain(.mainRule(prefix), &actions) }
            makeAgain(.rule(prefix, uplink: uplink), &actions)
        }
        routePackets(of: pool, &actions)
    }

    /// Whether routing is to be there.
    func isWanted(_ routing: OwnRouting) -> Bool {
        switch routing {
        case .table(let uplink): isRuled(uplink)
        case .rule(let prefix, let uplink):
            pools.contains { $0.prefix == prefix && $0.ruledUplink == uplink }
        case .mainRule(let prefix): pools.contains { $0.prefix == prefix && $0.hasMainRule }
        case .linkRoute(let prefix, let uplink):
            pools.contains { $0.prefix == prefix && $0.ruledUplink == uplink && $0.hasLinkRoute }
        case .localRoute(let prefix): pools.contains { $0.prefix == prefix && $0.hasLocalRoute }
        }
    }

    /// Removes all routing of a pool's prefix.
    mutating func stopRouting(_ pool: Int, _ actions: inout [Action]) {
        stopRuling(pool, &actions)
        guard pools[pool].hasLocalRoute else { return }
        pools[pool].hasLocalRoute = false
        remove(.localRoute(pools[pool].prefix), &actions)
    }

    private mutating func stopRuling(_ pool: Int, _ actions: inout [Action]) {
        let before = pools[pool]
        pools[pool].hasMainRule = false
        pools[pool].hasLinkRoute = false
        pools[pool].ruledUplink = nil
        removeRuling(of: before, &actions)
    }

    /// Removes what was to send a pool's packets by its uplink, as far as nothing needs it any more.
    private mutating func removeRuling(of pool: Pool, _ actions: inout [Action]) {
        if pool.hasMainRule { remove(.mainRule(pool.prefix), &actions) }
        guard let uplink = pool.ruledUplink else { return }
        remove(.rule(pool.prefix, uplink: uplink), &actions)
        if pool.hasLinkRoute { remove(.linkRoute(pool.prefix, uplink: uplink), &actions) }
        remove(.table(uplink: uplink), &actions)
    }

    /// Removes routing that nothing needs any more: a prefix may have come to us in two ways.
    private mutating func remove(_ routing: OwnRouting, _ actions: inout [Action]) {
        guard !isWanted(routing) else { return }
        endFight(over: .routing(routing))
        actions.append(.removeRouting(routing))
    }

    func isRuled(_ uplink: UInt32) -> Bool { pools.contains { $0.ruledUplink == uplink } }

    /// Brings the routing up to date with the links and routers that were told anew.
    mutating func refreshRouting(at now: Instant, _ actions: inout [Action]) {
        for slot in addresses.indices where addresses.isOccupied(slot) {
            guard let index = addresses[slot].interfaceIndex, index != Uplinks.loopbackIndex else { continue }
            if uplinks.name(of: index) == nil { loseInterface(slot, at: now, &actions) }
        }
        // One of the same name may be there instead.
        for index in uplinks.indices { returnToInterface(index, at: now, &actions) }
        for pool in pools.indices {
            guard let uplink = pools[pool].ruledUplink, uplinks.name(of: uplink) == nil else { continue }
            stopRuling(pool, &actions)
        }
        forgetAbsentLinks(at: now, &actions)
        for pool in pools.indices where pools[pool].addressCount > 0 || pools[pool].isRouted {
            renewRouting(of: pool, &actions)
        }
    }

    // MARK: Interfaces and routers come and go

    mutating func linkAppeared(
        _ index: UInt32, _ name: InterfaceName, isUp: Bool, isRunning: Bool, at now: Instant,
        _ actions: inout [Action]
    ) {
        let isNew = uplinks.name(of: index) != name
        let comesUp = isUp && !uplinks.isUp(index)
        let hadCarrier = uplinks.isRunning(index) && !isNew
        uplinks.add(index, name, isUp: isUp, isRunning: isRunning)
        if hadCarrier, !uplinks.isRunning(index) { lookForUplinks(at: now + Self.carrierPatience) }
        if uplinks.isRunning(index), !hadCarrier {
            forgive(on: index)
            solicitRouters(on: [index], &actions)
        }
        for pool in pools.indices where pools[pool].addressCount > 0 {
            if comesUp, needs(pool, index) {
                renewRouting(of: pool, &actions)
            } else if isNew {
                routePackets(of: pool, &actions)
            }
        }
        if isNew { returnToInterface(index, at: now, &actions) }
        if comesUp, hasAddresses(on: index) {
            // With keep_addr_on_down they stayed, and are detected anew without a word.
            listAddresses(&actions)
        }
    }

    private func hasAddresses(on index: UInt32) -> Bool {
        addresses.firstSlot { $0.interfaceIndex == index } != nil
    }

    /// Whether routing of a pool is by an interface; when that went down, the kernel forgot it.
    private func needs(_ pool: Int, _ index: UInt32) -> Bool {
        pools[pool].ruledUplink == index || (index == Uplinks.loopbackIndex && pools[pool].hasLocalRoute)
    }

    mutating func linkDisappeared(_ index: UInt32, at now: Instant, _ actions: inout [Action]) {
        let wasOnNetwork = uplinks[attachmentOf: index] != nil
        uplinks.remove(index)
        if wasOnNetwork { keepNetwork(of: index, &actions) }
        for slot in addresses.indices
        where addresses.isOccupied(slot) && addresses[slot].interfaceIndex == index {
            loseInterface(slot, at: now, &actions)
        }
        chooseUplinks(&actions)
        for pool in pools.indices where pools[pool].ruledUplink == index { stopRuling(pool, &actions) }
        forgetAbsentLinks(at: now, &actions)
    }

    /// What was known of links that are not there means nothing: a number is never used again.
    private mutating func forgetAbsentLinks(at now: Instant, _ actions: inout [Action]) {
        uplinks.forgetRoutersOfAbsentLinks()
        advertisedPrefixes.removeAll { uplinks.name(of: $0) == nil }
        autoconfigured.removeAll { uplinks.name(of: $0) == nil }
        endQuestionsOnAbsentLinks(at: now, &actions)
    }

    /// Links, routers and addresses will be told again.
    mutating func forgetUplinks() {
        uplinks.forgetWhatTheKernelTells()
        autoconfigured.expectList()
    }

    mutating func routerAppeared(_ router: Router, _ actions: inout [Action]) {
        if !uplinks.has(router) { forgive(on: router.interfaceIndex) }
        changeRouters(of: router.interfaceIndex, &actions) { $0.add(router) }
    }

    mutating func routerDisappeared(_ router: Router, _ actions: inout [Action]) {
        changeRouters(of: router.interfaceIndex, &actions) { $0.remove(router) }
        // Its lifetime is over. A link without carrier says nothing of the network that it was on.
        let attachment = uplinks[attachmentOf: router.interfaceIndex]
        guard router.isAdvertised, let attachment, !attachment.isInDoubt else { return }
        ceased(
            HeardRouter(interfaceIndex: router.interfaceIndex, address: router.address, isDefault: false),
            &actions)
    }

    mutating func changeRouters(
        of uplink: UInt32, _ actions: inout [Action], _ change: (inout Uplinks) -> Void
    ) {
        let before = uplinks.router(of: uplink)
        let known = uplinks.known(of: uplink)
        change(&uplinks)
        let after = uplinks.router(of: uplink)
        if known != uplinks.known(of: uplink) { keepNetwork(of: uplink, &actions) }
        if before != after, isRuled(uplink) { actions.append(.setRouter(uplink: uplink, after)) }
        chooseUplinks(&actions)
        for pool in pools.indices where pools[pool].origin == .advertisement {
            if pools[pool].ruledUplink == uplink, !isToBeRuled(pool, by: uplink) {
                stopRuling(pool, &actions)
            } else if pools[pool].addressCount > 0 {
                routePackets(of: pool, &actions)
            }
        }
    }
}
