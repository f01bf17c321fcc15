/// The interfaces that are there and the routers behind them.
struct Uplinks {
    /// `lo` is the first interface of every network namespace (LOOPBACK_IFINDEX).
    static let loopbackIndex: UInt32 = 1

    private var names: [UInt32: InterfaceName] = [:]
    private var down: Set<UInt32> = []
    private var withoutCarrier: Set<UInt32> = []
    private var routers: [Router] = []
    /// The networks that links are on, as far as routers were heard.
    private var attachments: [UInt32: Attachment] = [:]

    func index(of name: InterfaceName) -> UInt32? { names.first { $0.value == name }?.key }

    var indices: [UInt32] { names.keys.sorted() }

    func name(of index: UInt32) -> InterfaceName? { names[index] }

    /// Where addresses of a pool stand; nil if its interface is not there.
    func place(for pool: Pool) -> StandingPlace? { place(pool.place, interface: pool.interface) }

    /// Addresses can stand where the source puts them.
    func hasPlace(for offer: Offer) -> Bool {
        let interfaces: [InterfaceName?] = offer.interfaces.isEmpty ? [nil] : offer.interfaces
        return interfaces.contains { place(offer.place, interface: $0) != nil }
    }

    /// Where addresses stand; nil if the interface is not there.
    private func place(_ place: Source.Place, interface: InterfaceName?) -> StandingPlace? {
        let uplink = interface.map { index(of: $0) }
        if case .some(nil) = uplink { return nil }
        switch place {
        case .loopback: return .interface(Self.loopbackIndex)
        case .interface: return uplink?.map { .interface($0) }
        case .route: return .nowhere
        }
    }

    /// The router that packets leave by: that of the network that the link is on, unless somebody has configured one that is
    /// no worse. Where none was heard, one of the main table, of the best metric, among equals the last that was found;
    /// so too while it is in doubt which network that is, if the main table does not have its router any more.
    func router(of uplink: UInt32) -> IPv6Address? {
        let candidates = routers.filter { $0.interfaceIndex == uplink }
        let best = candidates.reversed().min { $0.rank < $1.rank }
        guard let attachment = attachments[uplink], let attached = attachment.nextHop,
            best?.isAdvertised ?? true
        else { return best?.address }
        let isThere = candidates.isEmpty || candidates.contains { $0.address == attached }
        return attachment.isInDoubt && !isThere ? best?.address : attached
    }

    /// The network that a link is on, as far as routers were heard.
    subscript(attachmentOf uplink: UInt32) -> Attachment? {
        get { attachments[uplink] }
        set { attachments[uplink] = newValue }
    }

    func known(of uplink: UInt32) -> KnownNetwork? { attachments[uplink]?.known(on: uplink) }

    /// Nobody but us knows of the router there is.
    func isLeftToUs(_ uplink: UInt32) -> Bool {
        let candidates = routers.filter { $0.interfaceIndex == uplink }
        return !candidates.isEmpty && candidates.allSatisfy(\.isHeardOnly)
    }

    /// The main table has a router of a network that the host has left.
    func hasStaleRouter(_ uplink: UInt32) -> Bool {
        guard let attachment = attachments[uplink] else { return false }
        return routers.contains {
            $0.interfaceIndex == uplink && $0.isAdvertised && !$0.isHeardOnly
                && !attachment.knows($0.address)
        }
    }

    /// False if the administrator has set the interface down: the kernel then forgets what stands on it.
    func isUp(_ index: UInt32) -> Bool { !down.contains(index) }

    /// Packets can be sent by it: it is up, and has carrier.
    func isRunning(_ index: UInt32) -> Bool {
        names[index] != nil && isUp(index) && !withoutCarrier.contains(index)
    }

    /// The interfaces that can be sent by and that a pattern matches, best first: that of the best router, and of those
    /// that have been there for longest. Never `lo`, behind which is nobody.
    func running(matching patterns: [InterfacePattern]) -> [UInt32] {
        let matching = names.filter { index, name in
            index != Self.loopbackIndex && isRunning(index) && patterns.contains { $0.matches(name) }
        }
        return matching.keys.sorted { (metric(of: $0), $0) < (metric(of: $1), $1) }
    }

    private func metric(of index: UInt32) -> UInt64 {
        let best = routers.filter { $0.interfaceIndex == index }.map(\.metric).min()
        return best.map(UInt64.init) ?? .max
    }

    mutating func add(_ index: UInt32, _ name: InterfaceName, isUp: Bool, isRunning: Bool) {
        names[index] = name
        if isUp { down.remove(index) } else { down.insert(index) }
        if isRunning { withoutCarrier.remove(index) } else { withoutCarrier.insert(index) }
        if !isUp || !isRunning { doubtAttachment(of: index) }
    }

    /// From now on the link may be on another network.
    private mutating func doubtAttachment(of index: UInt32) {
        attachments[index]?.isInDoubt = true
        attachments[index]?.stranger = nil
    }

    mutating func remove(_ index: UInt32) {
        names[index] = nil
        down.remove(index)
        withoutCarrier.remove(index)
        routers.removeAll { $0.interfaceIndex == index }
        attachments[index] = nil
    }

    /// Routers that only we hear are not told again.
    mutating func forgetWhatTheKernelTells() {
        names = [:]
        down = []
        withoutCarrier = []
        routers.removeAll { !$0.isHeardOnly }
        // A carrier may have gone and returned unseen.
        doubtAttachments()
    }

    mutating func doubtAttachments() {
        for index in attachments.keys { doubtAttachment(of: index) }
    }

    mutating func forgetRoutersOfAbsentLinks() {
        routers.removeAll { names[$0.interfaceIndex] == nil }
        for index in attachments.keys where names[index] == nil { attachments[index] = nil }
    }

    func has(_ router: Router) -> Bool { routers.contains(router) }

    mutating func add(_ router: Router) {
        remove(router)
        routers.append(router)
    }

    mutating func remove(_ router: Router) { routers.removeAll { $0 == router } }
}

extension Router {
    fileprivate var rank: UInt64 { UInt64(metric) + (isHeardOnly ? 1 << 32 : 0) }
}

/// Where an address is put.
enum StandingPlace {
    case interface(UInt32)
    /// One route makes its whole prefix local.
    case nowhere

    var interfaceIndex: UInt32? {
        switch self {
        case .interface(let index): index
        case .nowhere: nil
        }
    }
}
