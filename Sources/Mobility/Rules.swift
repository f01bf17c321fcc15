/// The rules of on-demand mobility (RFC 8653): told what happened and when, they answer what to do.
///
/// The rules know nothing of descriptors, netlink or clocks. Whoever performs the actions reports what came of
/// them as further events, and calls again at `nextDeadline`. Two runs that are told the same do the same.
///
///     var actions: [Action] = []
///     rules.handle(.requested(request), at: now, &actions)
public struct Rules {
    /// Addresses that one socket may be given, so that one descriptor cannot empty a pool.
    public static let addressesPerSocket = 16
    /// Identifiers that are tried on a link before giving up (RFC 7217, section 6: IDGEN_RETRIES).
    static let duplicatesTolerated = 3
    /// After the last tracked socket is gone, deaths are still followed for this long: subscribing costs more
    /// than being told of a few strangers' deaths.
    static let followingAfterLast: Duration = .seconds(1)
    /// As many questions for the users of single addresses cost more than one for the users of their prefix.
    static let questionsWorthJoining = 8
    /// A socket whose death may have been missed, and whose process lives, is looked for again after this long.
    static let doubtAgainAfter: Duration = .seconds(5)
    /// When the kernel could not say who uses an address, it is asked again after this long.
    static let checkAgainAfter: Duration = .seconds(1)

    public internal(set) var configuration: Configuration
    var identifiers: InterfaceIdentifiers
    var addresses = AddressTable()
    var sockets = SocketTable()
    /// One for each source of the configuration.
    var offers: [Offer] = []
    var pools: [Pool] = []
    var agenda = Agenda()
    /// Places of the addresses that the kernel is to be asked about when the event has been handled.
    var checks: [Int] = []
    /// In the order in which they asked, which is also that of their deadlines.
    var waiting: [WaitingRequest] = []
    var isDeadlineOnAgenda = false
    var uplinks = Uplinks()
    /// Places of the addresses that new sockets share: by type, and by type and user.
    var sharedByHost = PerType<Int?>(repeating: nil)
    var sharedByUser: [UserAndType: Int] = [:]
    var areDoubtsOnAgenda = false
    var isFollowingSocketDeaths = false
    var willStopFollowing = false
    /// Routing that an earlier run left, until it is known whether it is needed.
    var leftovers = Leftovers()

    /// Starts without any address.
    ///
    /// - Parameters:
    ///   - secret: gives Fixed addresses; keep it.
    ///   - randomKey: gives all other addresses; draw a new one for every start.
    public init(configuration: Configuration, secret: Secret, randomKey: Secret) {
        self.configuration = Configuration()
        identifiers = InterfaceIdentifiers(secret: secret, randomKey: randomKey)
        adopt(configuration)
    }

    /// When `deadlineReached` is to be told; nil if nothing is due.
    public var nextDeadline: Instant? { agenda.next }

    /// Appends to `actions` what is to be done because of an event.
    public mutating func handle(_ event: Event, at now: Instant, _ actions: inout [Action]) {
        apply(event, at: now, &actions)
        askForSockets(&actions)
    }

    private mutating func apply(_ event: Event, at now: Instant, _ actions: inout [Action]) {
        switch event {
        case .requested(let request): answer(request, at: now, &actions)
        case .requestCancelled(let request): cancel(request, at: now, &actions)
        case .released(let address): release(address, at: now, &actions)
        case .stopping: removeLingering(at: now, &actions)

        case .socketDestroyed(let cookie), .processGone(let cookie): forget(cookie, at: now, &actions)
        case .socketDeathsLost: doubtAllSockets(&actions)
        case .addressUsable(let address): becomeUsable(address, at: now, &actions)
        case .addressDuplicate(let address): tryAnother(than: address, isConfigured: true, at: now, &actions)
        case .addressTaken(let address): tryAnother(than: address, isConfigured: false, at: now, &actions)
        case .addressRefused(let address, let errno): giveUp(address, errno, at: now, &actions)
        case .addressRemoved(let address): forget(address, at: now, &actions)
        case .addressLost(let address): lose(address, at: now, &actions)
        case .addressFound(let found): adopt(found, at: now, &actions)
        case .socketFound(let found): count(found)
        case .socketsListed(let prefix):
            concludeCheck(of: prefix, at: now, &actions)
            if prefix == .everything { resolveDoubts(at: now, &actions) }
        case .socketsUnknown(let prefix):
            postponeCheck(of: prefix, at: now, &actions)
            if prefix == .everything { lookAgainForDoubts(at: now) }

        case .linkFound(let index, let name): linkAppeared(index, name, &actions)
        case .linkGone(let index): linkDisappeared(index, at: now, &actions)
        case .routerFound(let router): routerAppeared(router, &actions)
        case .routerGone(let router): routerDisappeared(router, &actions)
        case .uplinksForgotten: uplinks = Uplinks()
        case .uplinksListed: refreshRouting(&actions)
        case .ruleFound(let prefix, let uplink): leftovers.rules.append((prefix, uplink))
        case .tableFound(let uplink): leftovers.tables.append(uplink)
        case .localRouteFound(let prefix): leftovers.localRoutes.append(prefix)
        case .recovered: tidyLeftovers(&actions)

        case .deadlineReached: handleDue(at: now, &actions)
        }
    }

    private mutating func handleDue(at now: Instant, _ actions: inout [Action]) {
        while let (due, matter) = agenda.takeDue(at: now) {
            switch matter {
            case .lingerEnd(let slot): lingerEnded(slot, due: due, at: now, &actions)
            case .requestDeadline: refuseOverdue(at: now, &actions)
            case .doubts: askForDoubtfulSockets(&actions)
            case .stopFollowing: stopFollowingIfIdle(at: now, &actions)
            }
        }
    }
}

/// Key of an address that one user's sockets share.
struct UserAndType: Hashable {
    var user: UInt32
    var type: ContinuityType
}
