import Mobility
import Testing

/// Random histories against a fake kernel. A failing seed is printed and can be replayed alone.
@Suite struct SimulationTests {
    @Test(arguments: 0..<40) func promises1and2and5HoldInRandomHistories(block: UInt64) {
        for seed in block * 50..<(block + 1) * 50 {
            var history = History(seed: seed)
            if let broken = history.play(steps: 300) {
                Issue.record("seed \(seed): \(broken)")
                return
            }
        }
    }
}

/// SplitMix64: small, and the same everywhere.
private struct Dice {
    var state: UInt64

    mutating func roll(_ sides: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return Int((value ^ value >> 31) % UInt64(sides))
    }
}

/// One history: applications that ask, bind and close, a kernel that takes its time, refuses and forgets to answer.
private struct History {
    private struct Socket {
        /// What it was given or has bound to: all of them must stay.
        var addresses: Set<IPv6Address> = []
        /// What the kernel lists it under; a socket that has not bound is in no list.
        var bound: IPv6Address?
        var isOpen = true
    }

    private var dice: Dice
    private var rules: Rules
    private var now = Instant(microseconds: 1)
    private var sockets: [SocketCookie: Socket] = [:]
    private var configured: Set<IPv6Address> = []
    private var tentative: [IPv6Address] = []
    /// Whose requests are not answered yet.
    private var pending: [RequestID: SocketCookie?] = [:]
    private var cancelled: Set<RequestID> = []
    private var isFollowing = false
    private var undelivered: [SocketCookie] = []
    private var held: Set<IPv6Address> = []
    private var lastRequest: UInt64 = 0
    private var lastCookie: UInt64 = 0
    private var broken: String?

    init(seed: UInt64) {
        dice = Dice(state: seed)
        var configuration = Configuration()
        configuration.requestTimeout = .seconds(10)
        let shares: [TypePolicy.Share] = [.host, .user, .socket]
        for type in ContinuityType.allCases {
            configuration.types[type].share = shares[dice.roll(3)]
            configuration.types[type].linger = .seconds(dice.roll(3) * 10)
        }
        let places: [Source.Place] = [.loopback, .interface, .route]
        configuration.sources = [
            Source(
                name: "a", types: [.fixed, .sessionLasting], prefixes: ["2001:db8:a::/60"], interface: "eth0",
                place: places[dice.roll(3)], maxAddresses: 10),
            Source(
                name: "b", types: [.sessionLasting, .nonPersistent],
                prefixes: ["2001:db8:b::/124", "2001:db8:c::/62"]),
        ]
        rules = Rules(
            configuration: configuration, secret: Secret(high: seed, low: 1),
            randomKey: Secret(high: seed, low: 2))
    }

    /// Plays and returns what was broken, or nil.
    mutating func play(steps: Int) -> String? {
        tell(.linkFound(index: 2, name: "eth0", isUp: true))
        for _ in 0..<steps where broken == nil { step() }
        finish()
        return broken
    }

    private mutating func step() {
        switch dice.roll(12) {
        case 0, 1, 2, 3: ask()
        case 4, 5: closeOne()
        case 6: deliverDeaths()
        case 7, 8: settleTentative()
        case 9: pass(.milliseconds(dice.roll(15_000)))
        case 10: if let id = pending.keys.min(by: { $0.number < $1.number }), dice.roll(3) == 0 { cancel(id) }
        default: bindByHandOrRelease()
        }
    }

    private mutating func ask() {
        lastRequest += 1
        let id = RequestID(lastRequest)
        let type = ContinuityType.allCases[dice.roll(4)]
        guard dice.roll(20) > 0 else {
            pending[id] = .some(nil)
            tell(.requested(AddressRequest(id: id, type: type, requester: nil)))
            return
        }
        let open = sockets.filter(\.value.isOpen).keys.sorted()
        let cookie: SocketCookie
        if open.isEmpty || dice.roll(3) > 0 {
            lastCookie += 1
            cookie = lastCookie
            sockets[cookie] = Socket()
        } else {
            cookie = open[dice.roll(open.count)]
        }
        pending[id] = cookie
        let requester = Requester(cookie: cookie, transport: 6, user: UInt32(dice.roll(3)), process: 1)
        tell(.requested(AddressRequest(id: id, type: type, onNet: dice.roll(4) == 0, requester: requester)))
    }

    private mutating func closeOne() {
        let open = sockets.filter(\.value.isOpen).keys.sorted()
        guard !open.isEmpty else { return }
        close(open[dice.roll(open.count)])
    }

    private mutating func close(_ cookie: SocketCookie) {
        sockets[cookie]?.isOpen = false
        // Nobody tells of a death that nobody follows.
        if isFollowing { undelivered.append(cookie) }
    }

    private mutating func deliverDeaths() {
        let dead = undelivered
        undelivered = []
        for cookie in dead { tell(.socketDestroyed(cookie)) }
    }

    private mutating func settleTentative() {
        guard !tentative.isEmpty else { return }
        let address = tentative.removeFirst()
        guard configured.contains(address) else { return }
        tell(dice.roll(3) == 0 ? .addressDuplicate(address) : .addressUsable(address))
    }

    private mutating func cancel(_ id: RequestID) {
        pending[id] = nil
        cancelled.insert(id)
        tell(.requestCancelled(id))
    }

    private mutating func bindByHandOrRelease() {
        guard let address = configured.sorted().dropFirst(dice.roll(configured.count + 1)).first else {
            return
        }
        if dice.roll(4) == 0 {
            held.remove(address)
            tell(.released(address))
        } else if !tentative.contains(address) {
            lastCookie += 1
            sockets[lastCookie] = Socket(addresses: [address], bound: address)
        }
    }

    private mutating func pass(_ duration: Duration) {
        let end = now + duration
        while let next = rules.nextDeadline, next <= end {
            now = max(now, next)
            tell(.deadlineReached)
        }
        now = end
    }

    /// Everybody closes, everything is delivered, and a long time passes.
    private mutating func finish() {
        guard broken == nil else { return }
        for address in held.sorted() { tell(.released(address)) }
        for cookie in sockets.filter(\.value.isOpen).keys.sorted() { close(cookie) }
        for _ in 0..<20 {
            deliverDeaths()
            while !tentative.isEmpty { settleTentative() }
            pass(.seconds(40))
            for address in held.sorted() { tell(.released(address)) }
        }
        if broken != nil { return }
        if rules.addressCount > 0 {
            broken = "\(rules.addressCount) addresses are left: \(rules.addressSummaries(at: now))"
        }
        if !configured.isEmpty { broken = "the kernel still has \(configured)" }
        if !pending.isEmpty { broken = "never answered: \(pending.keys)" }
        if isFollowing { broken = "deaths are still followed" }
    }

    // MARK: The kernel

    private mutating func tell(_ event: Event) {
        var actions: [Action] = []
        rules.handle(event, at: now, &actions)
        for action in actions where broken == nil { perform(action) }
    }

    private mutating func perform(_ action: Action) {
        switch action {
        case .answer(let id, let answer): check(id, answer)
        case .addAddress(let plan):
            switch dice.roll(plan.detectsDuplicates ? 8 : 20) {
            case 0: tell(.addressRefused(plan.address, 1))
            case 1: tell(.addressTaken(plan.address))
            default:
                configured.insert(plan.address)
                if plan.detectsDuplicates {
                    tentative.append(plan.address)
                } else {
                    tell(.addressUsable(plan.address))
                }
            }
        case .removeAddress(let address, _):
            if let user = openSocket(with: address) {
                broken = "promise 1: \(address) removed while socket \(user) has it"
            }
            if configured.remove(address) == nil {
                broken = "promise 3: \(address) removed, which was not ours"
            }
            tentative.removeAll { $0 == address }
            tell(.addressRemoved(address))
        case .followSocketDeaths: isFollowing = true
        case .stopFollowingSocketDeaths:
            isFollowing = false
            undelivered = []
        case .findSockets(let prefix): listSockets(prefix)
        default: break
        }
    }

    private mutating func listSockets(_ prefix: IPv6Prefix) {
        guard dice.roll(10) > 0 else {
            tell(.socketsUnknown(prefix))
            return
        }
        for (cookie, socket) in sockets.sorted(by: { $0.key < $1.key }) where socket.isOpen {
            guard let bound = socket.bound, prefix.contains(bound) else { continue }
            tell(.socketFound(FoundSocket(cookie: cookie, address: bound, transport: 6, user: 0)))
        }
        tell(.socketsListed(prefix))
    }

    private func openSocket(with address: IPv6Address) -> SocketCookie? {
        sockets.first { $0.value.isOpen && $0.value.addresses.contains(address) }?.key
    }

    private mutating func check(_ id: RequestID, _ answer: Answer) {
        guard let cookie = pending.removeValue(forKey: id) else {
            broken =
                "promise 5: request \(id.number) answered \(cancelled.contains(id) ? "after its cancel" : "twice")"
            return
        }
        guard case .granted(let grant) = answer else { return }
        guard let cookie else {
            held.insert(grant.address)
            return
        }
        if tentative.contains(grant.address) { broken = "\(grant.address) given before it can be bound" }
        sockets[cookie]?.addresses.insert(grant.address)
        if dice.roll(2) == 0, sockets[cookie]?.bound == nil { sockets[cookie]?.bound = grant.address }
    }
}
