import Mobility

/// Addresses and routing as a kernel keeps them, and the notices of changes that have not been read yet.
struct FakeKernel {
    enum Detection { case passed, running, failed }

    struct Address {
        let address: IPv6Address
        let interfaceIndex: UInt32
        /// From our mark; nil for somebody else's address.
        var type: ContinuityType?
        var detection: Detection
    }

    struct Link {
        let index: UInt32
        var name: InterfaceName
        var isUp: Bool
    }

    static let loopbackIndex: UInt32 = 1

    var addresses: [Address] = []
    var routing: [OwnRouting] = []
    /// Default routes of ours in the tables of uplinks.
    var tableRouters: [(uplink: UInt32, router: IPv6Address)] = []
    private(set) var links = [Link(index: loopbackIndex, name: "lo", isUp: true)]
    private var lastIndex = loopbackIndex
    /// Default routes that others made.
    var routers: [Router] = []
    /// What a daemon that runs has not read yet, oldest first.
    private(set) var notices: [Event] = []
    private(set) var haveNoticesBeenLost = false
    /// Our own removals that have not been read of yet.
    private var removed: [IPv6Address] = []
    var isWatched = false

    // MARK: Addresses

    func place(of address: IPv6Address, on index: UInt32) -> Int? {
        addresses.firstIndex { $0.address == address && $0.interfaceIndex == index }
    }

    /// An address of ours, wherever it is.
    func ours(_ address: IPv6Address) -> Address? {
        addresses.first { $0.address == address && $0.type != nil }
    }

    func has(_ address: IPv6Address) -> Bool { addresses.contains { $0.address == address } }

    func canBeBound(_ address: IPv6Address) -> Bool {
        addresses.contains { $0.address == address && $0.detection == .passed }
    }

    func isLostToNeighbour(_ address: IPv6Address) -> Bool { ours(address)?.detection == .failed }

    /// A route makes the address local, and with IPV6_FREEBIND it can be bound.
    func isLocal(_ address: IPv6Address) -> Bool {
        routing.contains { piece in
            if case .localRoute(let prefix) = piece { prefix.contains(address) } else { false }
        }
    }

    /// Adds an address of ours or, if `replaces`, makes one ours that is there.
    ///
    /// - Returns: what RTM_NEWADDR is answered with.
    mutating func add(_ plan: PlannedAddress, replaces: Bool) -> Event {
        guard let link = link(plan.interfaceIndex) else {
            return .addressRefused(plan.address, Errno.noDevice)
        }
        if let place = place(of: plan.address, on: link.index) {
            guard replaces else { return .addressTaken(plan.address) }
            addresses[place].type = plan.type
        } else {
            addresses.append(
                Address(
                    address: plan.address, interfaceIndex: link.index, type: plan.type,
                    detection: plan.detectsDuplicates ? .running : .passed))
        }
        return addresses[self.place(of: plan.address, on: link.index)!].notice
    }

    /// Takes an address away; nothing happens if it is not there. What was noticed of it until then is of its
    /// former life: the reader ignores all up to the notice of the removal, by us or, before us, by others.
    mutating func remove(_ address: IPv6Address, on index: UInt32) -> Address? {
        let place = place(of: address, on: index)
        if place != nil { tell(.addressLost(address)) }
        removed.append(address)
        return place.map { addresses.swapOut($0) }
    }

    // MARK: Links

    func link(_ index: UInt32) -> Link? { links.first { $0.index == index } }

    func canDetect(_ address: Address) -> Bool { link(address.interfaceIndex)?.isUp ?? false }

    mutating func setLink(_ place: Int, up: Bool) {
        links[place].isUp = up
        tellLink(place)
        if !up { flush(links[place].index) }
    }

    mutating func rename(_ place: Int, _ name: InterfaceName) {
        links[place].name = name
        tellLink(place)
    }

    /// The kernel numbers interfaces as they come, and uses no number again.
    mutating func addLink(_ name: InterfaceName, isUp: Bool) {
        lastIndex += 1
        links.append(Link(index: lastIndex, name: name, isUp: isUp))
        tellLink(links.count - 1)
    }

    mutating func removeLink(_ place: Int) {
        setLink(place, up: false)
        let gone = links.remove(at: place)
        tell(.linkGone(index: gone.index))
    }

    mutating func tellLink(_ place: Int) {
        let link = links[place]
        tell(.linkFound(index: link.index, name: link.name, isUp: link.isUp))
    }

    /// What goes with an interface that is set down: its addresses, and the routes through it in all tables.
    private mutating func flush(_ index: UInt32) {
        for place in addresses.indices.reversed() where addresses[place].interfaceIndex == index {
            let gone = addresses.swapOut(place)
            tell(
                gone.type != nil
                    ? .addressLost(gone.address)
                    : .autoconfiguredAddressGone(gone.address, interfaceIndex: index))
        }
        for place in routing.indices.reversed() where routing[place].isLinkRoute(on: index) {
            tell(.routingLost(routing.swapOut(place)))
        }
        for place in routers.indices.reversed() where routers[place].interfaceIndex == index {
            tell(.routerGone(routers.swapOut(place)))
        }
        tableRouters.removeAll { $0.uplink == index }
    }

    // MARK: Routing

    mutating func add(_ piece: OwnRouting) {
        if case .linkRoute(_, let uplink) = piece, link(uplink)?.isUp != true { return }
        if !routing.contains(piece) { routing.append(piece) }
    }

    /// Removes routing; a table with all that is in it.
    ///
    /// - Returns: false if it was not there.
    mutating func remove(_ piece: OwnRouting, isByOthers: Bool = false) -> Bool {
        var isThere = false
        for place in routing.indices.reversed() where piece.includes(routing[place]) {
            let removed = routing.swapOut(place)
            isThere = isThere || removed == piece
            if isByOthers { tell(.routingLost(removed)) }
        }
        if case .table(let uplink) = piece { tableRouters.removeAll { $0.uplink == uplink } }
        return isThere
    }

    mutating func setRouter(_ router: IPv6Address?, of uplink: UInt32) {
        tableRouters.removeAll { $0.uplink == uplink }
        guard let router, link(uplink)?.isUp == true else { return }
        tableRouters.append((uplink, router))
    }

    // MARK: Notices

    mutating func tell(_ notice: Event) {
        if isWatched { notices.append(notice) }
    }

    mutating func nextNotice() -> Event? {
        while !notices.isEmpty {
            let notice = notices.removeFirst()
            guard let address = notice.address, let place = removed.firstIndex(of: address) else {
                return notice
            }
            if notice.isOfRemoval { removed.remove(at: place) }
        }
        return nil
    }

    /// The buffer of the notices was too small.
    mutating func loseNotices(after kept: Int) {
        guard isWatched else { return }
        notices.removeLast(max(0, notices.count - kept))
        haveNoticesBeenLost = true
    }

    /// The reader looks at everything, because notices were lost.
    mutating func catchUp() {
        notices.removeAll(keepingCapacity: true)
        removed.removeAll(keepingCapacity: true)
        haveNoticesBeenLost = false
    }

    var hasNewsOfLinks: Bool {
        haveNoticesBeenLost || notices.contains { if case .linkFound = $0 { true } else { false } }
    }

    /// What is known of an address may have changed without the daemon having read of it.
    func hasNews(of address: IPv6Address) -> Bool {
        haveNoticesBeenLost || notices.contains { $0.address == address || $0.isRouting(of: address) }
    }
}

enum Errno {
    static let notPermitted: Int32 = 1
    static let noDevice: Int32 = 19
    static let noSpace: Int32 = 28
}

extension FakeKernel.Address {
    /// What RTM_NEWADDR says of it.
    var notice: Event {
        switch detection {
        case .passed: .addressUsable(address)
        case .running: .addressTentative(address)
        case .failed: .addressDuplicate(address)
        }
    }
}

extension OwnRouting {
    func isLinkRoute(on index: UInt32) -> Bool {
        if case .linkRoute(_, index) = self { true } else { false }
    }

    /// True for itself, and for what is in a table.
    func includes(_ other: OwnRouting) -> Bool {
        if case .table(let uplink) = self, other.isLinkRoute(on: uplink) { return true }
        return self == other
    }
}

extension Event {
    /// The address that something the kernel tells is about.
    var address: IPv6Address? {
        switch self {
        case .addressUsable(let address), .addressTentative(let address), .addressDuplicate(let address),
            .addressLost(let address), .addressRemoved(let address), .addressOverwritten(let address, _),
            .addressTaken(let address), .addressRefused(let address, _),
            .autoconfiguredAddressGone(let address, _):
            address
        default: nil
        }
    }

    fileprivate var isOfRemoval: Bool {
        switch self {
        case .addressLost, .addressRemoved, .autoconfiguredAddressGone: true
        default: false
        }
    }
}

extension Event {
    /// A notice that a route which makes the address local is gone.
    fileprivate func isRouting(of address: IPv6Address) -> Bool {
        if case .routingLost(.localRoute(let prefix)) = self { prefix.contains(address) } else { false }
    }
}

extension Array {
    /// Removes an element; the last one takes its place.
    mutating func swapOut(_ place: Int) -> Element {
        swapAt(place, count - 1)
        return removeLast()
    }
}
