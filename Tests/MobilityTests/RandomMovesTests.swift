import Mobility
import Testing

/// Histories at random of a host that moves among three networks, with a kernel that does what it is told.
struct RandomMovesTests {
    static let histories = 200
    static let steps = 60

    @Test(arguments: 0..<8)
    func promises1and2and3HoldWhereverTheHostMoves(block: Int) {
        for seed in block * Self.histories..<(block + 1) * Self.histories {
            var history = RoamingHistory(seed: UInt64(seed))
            for _ in 0..<Self.steps { history.step() }
            history.end()
            if let breach = history.breach {
                Issue.record("seed \(seed): \(breach)")
                return
            }
        }
    }
}

/// One host, one link, sockets of all types, and networks of which each has a router and a prefix.
private struct RoamingHistory {
    private static let wlan = World.uplink
    private static let anchored: IPv6Prefix = "2001:db8:a::/56"

    private var world: World
    private var random: Random
    private var lastCookie: SocketCookie = 0
    /// Sockets that are open, and what they were given.
    private var sockets: [SocketCookie: IPv6Address] = [:]
    /// Addresses that the kernel has, and whether they are ours.
    private var kernel: [IPv6Address: Bool] = [:]
    private var routing: Set<OwnRouting> = []
    /// Addresses whose end was announced.
    private var ended: Set<IPv6Address> = []
    private var network = 1
    /// The network whose router was heard last.
    private var known = 1
    private var hasCarrier = true
    private(set) var breach: String?

    init(seed: UInt64) {
        random = Random(seed)
        let anchor = Source(
            name: "anchor", types: [.fixed, .sessionLasting], prefixes: [Self.anchored], interface: "wlan0")
        let onLoss: TypePolicy.OnLoss = seed % 5 == 0 ? .tell : .abort
        world = World.asking(anchor, .routers()) {
            $0.types.gracefulReplacement.grace = .seconds(20)
            $0.types.gracefulReplacement.onLoss = onLoss
            $0.types.nonPersistent.onLoss = onLoss
            $0.types.fixed.linger = .seconds(10)
        }
        arrive()
    }

    mutating func step() {
        guard breach == nil else { return }
        switch random.roll(12) {
        case 0, 1, 2: open()
        case 3, 4: close()
        case 5: flap(to: network)
        case 6, 7: flap(to: 1 + random.roll(3))
        case 8: moveSilently(to: 1 + random.roll(3))
        case 9: autoconfigure()
        case 10: pass(.milliseconds(random.roll(3000)))
        default: pass(.seconds(random.roll(30)))
        }
    }

    /// Every socket is closed, and time goes by.
    mutating func end() {
        for cookie in sockets.keys.sorted() { close(cookie) }
        pass(.seconds(1000))
        guard breach == nil else { return }
        if world.rules.addressCount > 0 {
            breach = "promise 2: \(world.rules.addressSummaries(at: world.now))"
        }
        if let left = kernel.first(where: \.value) { breach = "promise 2: the kernel still has \(left.key)" }
        if let left = routing.first { breach = "promise 2: the kernel still has \(left)" }
    }

    // MARK: Applications

    private mutating func open() {
        lastCookie += 1
        let type = ContinuityType.allCases[random.roll(4)]
        perform(world.ask(type, cookie: lastCookie))
    }

    private mutating func close() {
        let open = sockets.keys.sorted()
        if !open.isEmpty { close(open[random.roll(open.count)]) }
    }

    private mutating func close(_ cookie: SocketCookie) {
        sockets[cookie] = nil
        perform(world.tell(.socketDestroyed(cookie)))
    }

    // MARK: The network

    private static func router(_ network: Int) -> IPv6Address {
        IPv6Address(high: 0xfe80 << 48, low: UInt64(network))
    }

    private static func prefix(_ network: Int) -> IPv6Prefix {
        IPv6Prefix(IPv6Address(high: 0x2001_0db8_0000_0000 | UInt64(network), low: 0), length: 64)
    }

    private mutating func arrive() {
        known = network
        let heard = HeardRouter(
            interfaceIndex: Self.wlan, address: Self.router(network), prefixes: [Self.prefix(network)])
        let advertisesFirst = random.roll(2) == 0
        if advertisesFirst { advertise() }
        perform(world.tell(.routerHeard(heard)))
        if !advertisesFirst { advertise() }
    }

    private mutating func advertise() { perform(world.advertise(Self.prefix(network))) }

    private mutating func flap(to next: Int) {
        perform(
            world.tell(.linkFound(index: Self.wlan, name: "wlan0", isUp: true, isRunning: false)))
        if random.roll(2) == 0 { pass(.milliseconds(random.roll(500))) }
        perform(world.tell(.linkFound(index: Self.wlan, name: "wlan0", isUp: true)))
        network = next
        if random.roll(8) > 0 { arrive() }
    }

    private mutating func moveSilently(to next: Int) {
        network = next
        arrive()
    }

    private mutating func autoconfigure() {
        let address = IPv6Address(high: Self.prefix(network).address.high, low: 0xaaaa)
        kernel[address] = false
        perform(world.autoconfigure(address))
    }

    // MARK: The kernel

    private mutating func pass(_ duration: Duration) { perform(world.pass(duration)) }

    private mutating func perform(_ actions: [Action]) {
        var pending = actions
        while !pending.isEmpty, breach == nil {
            let action = pending.removeFirst()
            pending += outcome(of: action)
        }
    }

    private mutating func outcome(of action: Action) -> [Action] {
        switch action {
        case .answer(let id, .granted(let grant)):
            let cookie = SocketCookie(id.number)
            if ended.contains(grant.address) {
                if sockets.values.contains(grant.address) {
                    breach = "\(grant.address) is given after its end"
                }
                // Nobody remembers the end of an address of the kernel's own that nobody had any more.
                ended.remove(grant.address)
            }
            if kernel[grant.address] == nil { breach = "promise 5: \(grant.address) cannot be bound" }
            sockets[cookie] = grant.address
        case .addAddress(let plan):
            kernel[plan.address] = true
            ended.remove(plan.address)
            return world.tell(.addressUsable(plan.address))
        case .restoreAddress(let plan):
            kernel[plan.address] = true
            return world.tell(.addressUsable(plan.address))
        case .removeAddress(let address, _):
            if sockets.values.contains(address) {
                breach = "promise 1: \(address) is removed while it is used"
            }
            remove(address)
            return world.tell(.addressRemoved(address))
        case .removeIfOurs(let address, _): if kernel[address] == true { remove(address) }
        case .abortSockets(let address, _):
            if Self.anchored.contains(address) { breach = "promise 1: the sockets of \(address) are ended" }
            if !ended.contains(address) { breach = "the end of \(address) was not told" }
            if known == network, Self.prefix(network).contains(address) {
                breach = "promise 1: \(address) works here"
            }
        case .announce(let event): hear(event)
        case .addRouting(let piece): routing.insert(piece)
        case .removeRouting(let piece): routing.remove(piece)
        case .findSockets(let prefix): return world.tell(.socketsListed(prefix))
        case .listAddresses:
            for address in kernel.keys.sorted() where kernel[address] == true {
                _ = world.tell(.addressListed(address))
            }
            return world.autoconfigured.flatMap { world.tell(.addressAutoconfigured($0)) }
                + world.tell(.addressesListed)
        case .probeRouter(let index, let router):
            // It is there if the host has not moved.
            let answers: [Reachability] =
                router == Self.router(network) ? [.reachable] : [.uncertain, .unreachable]
            return answers.flatMap { world.tell(.routerProbed(interfaceIndex: index, router, $0)) }
        default: break
        }
        return []
    }

    private mutating func remove(_ address: IPv6Address) {
        if kernel[address] != true { breach = "promise 3: \(address) is removed, which is not ours" }
        kernel[address] = nil
    }

    private mutating func hear(_ event: AddressEvent) {
        if Self.anchored.contains(event.address) { breach = "promise 1: \(event)" }
        switch event.change {
        case .removed:
            if !ended.insert(event.address).inserted { breach = "told twice: \(event)" }
        case .deprecated, .replaced:
            if ended.contains(event.address) { breach = "told after its end: \(event)" }
        case .restored:
            if ended.contains(event.address) { breach = "restored after its end: \(event)" }
        }
    }
}

private struct Random {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    /// Below `sides` (xorshift64*).
    mutating func roll(_ sides: Int) -> Int {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return Int((state &* 0x2545_f491_4f6c_dd1d) >> 33) % sides
    }
}
