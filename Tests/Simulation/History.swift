import Mobility

/// One random life of a host: applications that ask, bind, pass on and close; an administrator; others who
/// change what is ours; a kernel that takes its time, refuses, and forgets to tell; and a daemon that is
/// killed at any instant. Everything follows from the seed.
public struct History {
    /// A request without an answer.
    struct Pending {
        let id: RequestID
        /// Nil for the administrator.
        let cookie: SocketCookie?
        let deadline: Instant
        /// By which it was asked.
        let policy: Policy
    }

    /// What a promise does not hold for, as text: first which promise.
    public private(set) var breach: String?
    public internal(set) var tally = Tally()

    var dice: Dice
    var scenario: Scenario
    var now = Instant(microseconds: 1_000_000)
    var kernel = FakeKernel()
    var sockets = FakeSockets()
    var records = FakeRecords()

    var rules: Rules
    var isAlive = false
    var isStarting = false
    /// Actions until kill -9; nil while nobody has it in mind.
    var actionsLeft: Int?
    /// Decided and not yet performed.
    var decided: [Action] = []
    var isPerforming = false
    /// What the kernel did not take, and has not said so yet.
    var late: [Event] = []
    /// Its record was refused, so its answer is not given.
    var withheld: RequestID?

    var pending: [Pending] = []
    var lastRequest: UInt64 = 0
    /// Types of which the kernel gives addresses.
    var assignedTypes: Set<ContinuityType> = []
    /// In half of the histories there are programs in the kernel.
    let kernelGives: Bool
    /// Addresses that the administrator holds.
    var held: [IPv6Address] = []
    /// The daemon's last attempt to put it back was refused.
    var refusedBack: [IPv6Address] = []
    /// Somebody deleted or overwrote it, and it is not put back yet.
    var fought: [(address: IPv6Address, heardAt: Instant?)] = []
    /// It is to be there again by then.
    var awaited: [(address: IPv6Address, due: Instant)] = []
    var awaitedRoutes: [(prefix: IPv6Prefix, due: Instant)] = []
    /// What was put back, and when the daemon had heard of its loss.
    var putBacks: [(thing: OwnThing, at: Instant)] = []
    /// What the daemon has said that it puts back no more.
    var givenUp: [OwnThing] = []
    /// Routing that it makes nevertheless.
    var madeAgain: OwnRouting?
    var lostToNeighbours: [IPv6Address] = []
    /// Nothing is refused, lost or taken away any more.
    var isPeaceful = false

    private let trace: ((String) -> Void)?
    private let steps: Int

    /// - Parameters:
    ///   - steps: their number, on average.
    ///   - trace: is told of each event and action, and of what happens unseen by the daemon.
    public init(seed: UInt64, steps: Int, trace: ((String) -> Void)? = nil) {
        dice = Dice(seed: seed)
        scenario = Scenario(&dice)
        rules = scenario.rules(&dice)
        kernelGives = dice.once(in: 2)
        self.steps = steps / 2 + dice.roll(steps + 1)
        self.trace = trace
    }

    /// Plays to the end, or to the first breach of a promise.
    public mutating func play() {
        furnish()
        start()
        for _ in 0..<steps where breach == nil { step() }
        end()
    }

    /// Notes what was broken, and ends the history.
    mutating func broken(_ promise: @autoclosure () -> String) {
        guard breach == nil else { return }
        breach = promise()
        note("BROKEN: \(breach ?? "")")
    }

    func note(_ text: @autoclosure () -> String) {
        guard let trace else { return }
        trace("\(Double(now.microseconds) / 1_000_000) s  \(text())")
    }

    /// What is there before the first daemon.
    private mutating func furnish() {
        if !dice.once(in: 8) { kernel.addLink(Scenario.uplinkName, isUp: !dice.once(in: 8)) }
        for _ in 0..<dice.roll(4) {
            let address = IPv6Address(
                high: Scenario.tiny.address.high, low: Scenario.tiny.address.low | UInt64(dice.roll(16)))
            guard kernel.place(of: address, on: FakeKernel.loopbackIndex) == nil else { continue }
            kernel.addresses.append(
                FakeKernel.Address(
                    address: address, interfaceIndex: FakeKernel.loopbackIndex, type: nil, detection: .passed)
            )
        }
    }

    private mutating func step() {
        if !isAlive, dice.once(in: 2) {
            start()
            return
        }
        if dice.once(in: 2) { tellLate() }
        if dice.once(in: 2) { readNotices() }
        if dice.once(in: 3) { readDeaths() }
        switch dice.roll(100) {
        case 0..<52: applicationStep()
        case 52..<62: detectDuplicates()
        case 62..<78: passTime()
        case 78..<92: othersStep()
        default: daemonStep()
        }
    }
}
