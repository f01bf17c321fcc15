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
    /// What uses an address without the kernel's telling of its end, a socket whose death may have been missed, and
    /// an address that could not be put back are looked at again after this long.
    static let lookAgainAfter: Duration = .seconds(5)
    /// A socket in doubt is looked at again after this only, at first; each time doubles it.
    static let firstPatience: Duration = .milliseconds(250)
    /// All sockets are looked at no more often, however often the kernel loses count of their deaths.
    static let looksApart: Duration = .milliseconds(250)
    /// How long the kernel answers for a TCP connection that this side closed first (TCP_TIMEWAIT_LEN).
    static let timeWait: Duration = .seconds(60)
    /// For how much of it the address stays: time for a lost acknowledgement to be asked for twice.
    static let timeWaitRespected: Duration = .seconds(3)
    /// Without records a socket that was given an address before a restart has this long to bind.
    static let timeToBindUnrecorded: Duration = .seconds(10)
    /// When the kernel could not say who uses an address, it is asked again after this long.
    static let checkAgainAfter: Duration = .seconds(1)

    /// Large, and seldom another.
    private var sharedConfiguration = SharedValue(Configuration())
    public internal(set) var configuration: Configuration {
        _read { yield sharedConfiguration.value }
        set { sharedConfiguration = SharedValue(newValue) }
    }
    var identifiers: InterfaceIdentifiers
    var addresses = AddressTable()
    var sockets = SocketTable()
    /// Nil while no rule of the policy sets a quota.
    var usage: UsageBooks?
    /// One for each source of the configuration.
    var offers: [Offer] = []
    var pools: [Pool] = []
    var agenda = Agenda()
    /// Places of the addresses that the kernel is to be asked about when the event has been handled.
    var checks: [Int] = []
    /// In the order in which they began to wait.
    var waiting: [WaitingRequest] = []
    /// What sources and routers have been asked and have not answered.
    var questions: [Question] = []
    /// Who is left alone for a while because of what was answered.
    var backoffs: [Grievance: Backoff] = [:]
    var lastLease = LeaseID(0)
    /// Requests of the rules themselves, so far.
    var replacementCount: UInt64 = 0
    /// Addresses that were made for requests, so far.
    public internal(set) var begunCount: UInt64 = 0
    /// Moves from one network to another, so far.
    public internal(set) var moveCount: UInt64 = 0
    var advertisedPrefixes = AdvertisedPrefixes()
    var autoconfigured = AutoconfiguredAddresses()
    /// What there was at the start has been told.
    var hasRecovered = false
    /// When requests will be refused that have waited too long.
    var deadlinesDue: Instant?
    var uplinks = Uplinks()
    /// Places of the addresses that new sockets share: by type, and by type and user.
    var sharedByHost = PerType<Int?>(repeating: nil)
    var sharedByUser: [UserAndType: Int] = [:]
    var recordNumbers = RecordNumbers()
    /// When doubtful sockets will be looked for, and when they last were.
    var doubtsDue: Instant?
    var lastLook: Instant?
    /// How long a doubt is left alone before the next look.
    var patience = firstPatience
    var isFollowingSocketDeaths = false
    var willStopFollowing = false
    /// Records that this event's actions keep, or may fail to.
    var uncertainRecords: [SocketRecord.Number] = []
    /// Until then there may be sockets that were given an address, have not bound, and are in no record.
    var unrecordedUntil: Instant?
    /// What an earlier run left has been told, but its sockets have not been listed yet.
    var isTidyDue = false
    /// Uplinks of which an earlier run left a table.
    var foundTables: Set<UInt32> = []
    /// What is to be there before anybody asks, and is being asked for.
    var initial: [ContinuityType: InitialAddress] = [:]
    /// Those that are there: one of a type, or in passing another.
    var initialAddresses: [IPv6Address] = []
    /// Those of which the kernel gives addresses to programs that do not ask.
    var assignedTypes: Set<ContinuityType> = []
    /// Some type has had an initial address.
    var isInitialSetKept = false
    /// Everything that is to be there before anybody asks has been there, or could not be had.
    public internal(set) var isInitialSetThere = false
    /// Addresses that the kernel has been told to prefer: one, or in passing another.
    var preferred: [IPv6Address] = []
    var isMeasuringPlanned = false
    var isStopping = false
    /// What was taken away of late.
    var fights: [OwnThing: Fight] = [:]

    /// Starts without any address.
    ///
    /// - Parameters:
    ///   - secret: gives Fixed addresses; keep it.
    ///   - randomKey: gives all other addresses; draw a new one for every start.
    public init(configuration: Configuration, secret: Secret, randomKey: Secret) {
        identifiers = InterfaceIdentifiers(secret: secret, randomKey: randomKey)
        adopt(configuration)
    }

    /// When `deadlineReached` is to be told; nil if nothing is due.
    public var nextDeadline: Instant? {
        var next = agenda.next
        if let end = advertisedPrefixes.nextEnd { next = min(end, next ?? end) }
        if isInitialSetKept, let end = initialPauseEnd { next = min(end, next ?? end) }
        return next
    }

    /// Appends to `actions` what is to be done because of an event.
    public mutating func handle(_ event: Event, at now: Instant, _ actions: inout [Action]) {
        if !uncertainRecords.isEmpty { uncertainRecords.removeAll(keepingCapacity: true) }
        apply(event, at: now, &actions)
        if needsSettling { settle(at: now, &actions) }
        askForSockets(&actions)
    }

    /// Most hosts have neither an initial set nor a default type.
    private var needsSettling: Bool {
        !isInitialSetThere || isInitialSetKept || !assignedTypes.isEmpty
            || configuration.defaultType != nil || !preferred.isEmpty
    }

    private mutating func apply(_ event: Event, at now: Instant, _ actions: inout [Action]) {
        switch event {
        case .requested(let request): answer(request, at: now, &actions)
        case .requestCancelled(let request): cancel(request, at: now, &actions)
        case .released(let address): release(address, at: now, &actions)
        case .typesAssigned(let types): assignedTypes = types
        case .stopping:
            dropInitialSet(at: now, &actions)
            removeLingering(at: now, &actions)

        case .socketDestroyed(let cookie), .socketGone(let cookie): forget(cookie, at: now, &actions)
        case .socketHeld(let cookie): trust(cookie)
        case .socketDeathsLost: doubtAllSockets(at: now, &actions)
        case .addressUsable(let address): becomeUsable(address, at: now, &actions)
        case .addressTentative(let address): becomeTentative(address, &actions)
        case .addressDuplicate(let address): tryAnother(than: address, isConfigured: true, at: now, &actions)
        case .addressTaken(let address): tryAnother(than: address, isConfigured: false, at: now, &actions)
        case .addressRefused(let address, let errno): giveUp(address, errno, at: now, &actions)
        case .addressRemoved(let address): forget(address, at: now, &actions)
        case .addressLost(let address): lose(address, at: now, &actions)
        case .addressOverwritten(let address, let index): overwritten(address, on: index, at: now, &actions)
        case .addressListed(let address): list(address)
        case .addressesListed: loseUnlisted(at: now, &actions)
        case .socketFound(let found): count(found, at: now, &actions)
        case .addressGiven(let address, let requester): count(requester, given: address, at: now, &actions)
        case .timeWaitFound(let address, let left): respectTimeWait(address, left: left, at: now)
        case .trafficMeasured(let traffic): measured(traffic, at: now, &actions)
        case .trafficEnded(let traffic): count(traffic)
        case .socketsListed(let prefix): socketsListed(prefix, at: now, &actions)
        case .socketsUnknown(let prefix):
            postponeCheck(of: prefix, at: now, &actions)
            if prefix == .everything { lookAtDoubts(at: now + Self.lookAgainAfter) }

        case .linkFound(let index, let name, let isUp, let isRunning):
            linkAppeared(index, name, isUp: isUp, isRunning: isRunning, at: now, &actions)
        case .linkGone(let index): linkDisappeared(index, at: now, &actions)
        case .prefixGranted(let lease): granted(lease, at: now, &actions)
        case .prefixRefused(let question, let refusal): refused(question, refusal, at: now, &actions)
        case .prefixWithdrawn(let lease): withdrawn(lease, at: now, &actions)
        case .prefixFound(let lease): adopt(lease)
        case .prefixAdvertised(let advertisement): advertised(advertisement, at: now, &actions)
        case .addressAutoconfigured(let address): autoconfigured(address, at: now, &actions)
        case .autoconfiguredAddressGone(let address, let index):
            autoconfiguredGone(address, on: index, at: now, &actions)

        case .routerFound(let router): routerAppeared(router, &actions)
        case .routerGone(let router): routerDisappeared(router, &actions)
        case .routerHeard(let router): heard(router, at: now, &actions)
        case .routerProbed(let index, let address, let reachability):
            probed(address, on: index, reachability, at: now, &actions)
        case .resumed: doubtNetworks(&actions)
        case .uplinksForgotten: forgetUplinks()
        case .uplinksListed: refreshRouting(at: now, &actions)
        case .routingLost(let routing): lose(routing, at: now, &actions)

        case .routingFound(let routing): adopt(routing, &actions)
        case .addressFound(let found): adopt(found, at: now, &actions)
        case .recordFound(let number, let record): adopt(number, record, at: now, &actions)
        case .networkFound(let known): recall(known)
        case .recordsIncomplete: distrustRecords(at: now)
        case .recovered: concludeRecovery(at: now, &actions)
        case .recordRefused(let request, let record, let errno):
            takeBack(request, record, errno, at: now, &actions)

        case .deadlineReached: handleDue(at: now, &actions)
        }
    }

    private mutating func socketsListed(_ prefix: IPv6Prefix, at now: Instant, _ actions: inout [Action]) {
        concludeCheck(of: prefix, at: now, &actions)
        guard prefix == .everything else { return }
        resolveDoubts(at: now, &actions)
        if isTidyDue { tidy(at: now, &actions) }
    }

    private mutating func handleDue(at now: Instant, _ actions: inout [Action]) {
        // Not on the agenda: neighbours may put off or bring forward these ends as often as they like.
        endAdvertisements(at: now, &actions)
        while let (due, matter) = agenda.takeDue(at: now) {
            switch matter {
            case .lingerEnd(let slot): lingerEnded(slot, due: due, at: now, &actions)
            case .farewell(let slot): farewellIsDue(slot, due, at: now, &actions)
            case .freshness(let slot): freshnessIsDue(slot, at: now, &actions)
            case .measuring: measure(at: now, &actions)
            case .uplinkChoice: chooseUplinks(&actions)
            case .requestDeadlines: refuseOverdue(due, at: now, &actions)
            case .patience(let question): patienceEnded(with: question, at: now, &actions)
            case .doubts: doubtsAreDue(due, at: now, &actions)
            case .restoring(let slot): restoreAgain(slot, due: due, &actions)
            case .routing(let routing): putBackAfterPause(routing, due: due, &actions)
            case .tidying: tidyAgain(&actions)
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
