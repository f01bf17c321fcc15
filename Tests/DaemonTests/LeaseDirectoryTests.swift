import CLibc
import EventLoop
import Mobility
import NetworkSide
import Posix
import Testing

@testable import Daemon

@Suite("Leases on disk") struct LeaseDirectoryTests {
    private let directory: TemporaryDirectory
    private let log = Log(program: "odmd", level: .error)

    init() throws { directory = try TemporaryDirectory() }

    private func opened() -> LeaseDirectory { LeaseDirectory(stateDirectory: directory.path, log: log) }

    private static let prefix = LeasedPrefix(
        id: LeaseID(7), source: "provider", type: .fixed, prefix: "2001:db8:a::/64", interface: "wlan0",
        isOnNet: true)
    private static let stored = StoredLease(prefix, helper: StoredLease.Helper(identifier: "a-7"))

    @Test func whatIsKeptIsThereForTheNextRun() {
        let leases = opened()
        #expect(leases.load() == [])
        leases.keep(Self.stored, isDurable: true)
        #expect(opened().load() == [Self.stored])
        #expect(opened().load().first?.lease == Self.prefix)
        leases.forget(LeaseID(7))
        #expect(opened().load() == [])
    }

    @Test func eachHasAFileForRootAlone() throws {
        let leases = opened()
        for id in [3, 11] as [UInt64] {
            var lease = Self.stored
            lease.id = id
            leases.keep(lease, isDurable: false)
        }
        #expect(try File.names(in: "\(directory.path)/leases", endingIn: "") == ["11", "3"])
        #expect(try directory.mode("leases") == 0o700)
        #expect(try directory.mode("leases/3") == 0o600)
        #expect(opened().load().map(\.id) == [3, 11])
    }

    @Test func aChangeReplacesWhatWasThere() {
        let leases = opened()
        leases.keep(Self.stored, isDurable: false)
        var changed = Self.stored
        changed.helper = StoredLease.Helper(identifier: "a-1", token: "t", validUntil: 4_000_000_000_000)
        leases.keep(changed, isDurable: false)
        #expect(opened().load() == [changed])
    }

    @Test(arguments: [
        "", "{", "[]", "nonsense",
        #"{"version":2,"id":7,"source":"a","type":"fixed","prefix":"2001:db8::/64","onNet":false}"#,
        #"{"version":1,"id":7,"source":"a","type":"eternal","prefix":"2001:db8::/64","onNet":false}"#,
        #"{"version":1,"id":7,"source":"a","type":"fixed","prefix":"2001:db8::","onNet":false}"#,
        #"{"version":1,"id":7,"source":"a","type":"fixed","prefix":"2001:db8::/64","onNet":false,"interface":"a/b"}"#,
        #"{"version":1,"id":8,"source":"a","type":"fixed","prefix":"2001:db8::/64","onNet":false}"#,
        String(repeating: " ", count: 5000),
    ])
    func whatMakesNoSenseIsKeptAside(text: String) throws {
        try directory.write("leases/7", text)
        let good = StoredLease(
            LeasedPrefix(id: LeaseID(9), source: "home", type: .fixed, prefix: "2001:db8:b::/64"),
            helper: StoredLease.Helper(identifier: "a-9"))
        opened().keep(good, isDurable: false)
        #expect(opened().load() == [good])
        #expect(try File.names(in: "\(directory.path)/leases", endingIn: "") == ["7.refused", "9"])
        #expect(opened().load() == [good], "a file that was refused is left alone")
    }

    private static let dhcpv6 = StoredLease.DHCPv6(
        content: "prefix", iaid: 1, server: "00030001", renewSeconds: 0, rebindSeconds: 0,
        preferredSeconds: 80, validSeconds: 100, receivedAt: 1_700_000_000_000)

    /// Milliseconds of which nothing can be subtracted, or that no clock has shown.
    @Test(arguments: [Int64.min, .min + 1, -1, 253_402_300_800_001, .max])
    func aMomentThatNoClockShowsIsKeptAside(moment: Int64) throws {
        var dhcpv6 = Self.dhcpv6
        dhcpv6.receivedAt = moment
        for stored in [
            StoredLease(Self.prefix, dhcpv6: dhcpv6),
            StoredLease(Self.prefix, helper: StoredLease.Helper(identifier: "a-7", validUntil: moment)),
        ] {
            opened().keep(stored, isDurable: false)
            #expect(opened().load() == [])
            #expect(try File.names(in: "\(directory.path)/leases", endingIn: "") == ["7.refused"])
        }
    }

    @Test(arguments: [0, 253_402_300_800_000] as [Int64]) func theFirstAndTheLastMoment(moment: Int64) throws
    {
        var dhcpv6 = Self.dhcpv6
        dhcpv6.receivedAt = moment
        let helper = StoredLease.Helper(identifier: "a-7", validUntil: moment)
        for stored in [StoredLease(Self.prefix, dhcpv6: dhcpv6), StoredLease(Self.prefix, helper: helper)] {
            opened().keep(stored, isDurable: false)
            #expect(opened().load() == [stored])
            let now = Instant(microseconds: 5_000_000)
            #expect(
                (stored.dhcpv6?.lease(Self.prefix, at: now) == nil) == (moment == 0 || stored.helper != nil))
            #expect(
                (stored.helper?.lease(Self.prefix, at: now) == nil) == (moment == 0 || stored.dhcpv6 != nil))
        }
    }

    /// Numbers that have no room in what they are read into.
    @Test(arguments: ["-1", "4294967296", "1e30", "0.5", "null", "18446744073709551616"])
    func aNumberThatIsNoneIsKeptAside(number: String) throws {
        let text = String(decoding: Json.encode(StoredLease(Self.prefix, dhcpv6: Self.dhcpv6)), as: UTF8.self)
        for member in ["\"iaid\":1", "\"renewSeconds\":0", "\"validSeconds\":100", "\"preferredSeconds\":80"]
        {
            let name = member.prefix { $0 != ":" }
            #expect(text.contains(member))
            try directory.write("leases/7", text.replacing(member, with: "\(name):\(number)"))
            #expect(opened().load() == [])
            #expect(try File.names(in: "\(directory.path)/leases", endingIn: "") == ["7.refused"])
        }
    }

    /// What no run of ours has written, each change for itself.
    @Test(
        arguments: [
            { $0.id = 0 }, { $0.id = .max }, { $0.id = 1 << 62 + 1 },
            { $0.prefix = "::/0" }, { $0.prefix = "::/64" }, { $0.prefix = "::1/128" },
            { $0.prefix = "::ffff:0:0/96" }, { $0.prefix = "fe80::/64" }, { $0.prefix = "fe80::/9" },
            { $0.prefix = "ff02::/64" }, { $0.prefix = "2000::/15" },
            { $0.interface = nil }, { $0.interface = "lo" },
            { $0.source = "" }, { $0.source = "a b" }, { $0.source = String(repeating: "a", count: 64) },
            { $0.dhcpv6 = nil }, { $0.helper = StoredLease.Helper(identifier: "a-7") },
            { $0.dhcpv6?.content = "" }, { $0.dhcpv6?.content = "address" },
            { $0.dhcpv6?.server = "" }, { $0.dhcpv6?.server = "0003" }, { $0.dhcpv6?.server = "00030" },
            { $0.dhcpv6?.server = String(repeating: "00", count: 131) },
            { $0.dhcpv6?.preferredSeconds = 101 }, { $0.dhcpv6?.validSeconds = 0 },
            {
                $0.dhcpv6?.renewSeconds = 60
                $0.dhcpv6?.rebindSeconds = 50
            },
        ] as [@Sendable (inout StoredLease) -> Void])
    func whatNobodyHasGivenIsKeptAside(spoil: @Sendable (inout StoredLease) -> Void) throws {
        var stored = StoredLease(Self.prefix, dhcpv6: Self.dhcpv6)
        #expect(stored.makesSense)
        spoil(&stored)
        #expect(!stored.makesSense)
        try directory.write("leases/\(stored.id)", Json.encode(stored))
        #expect(opened().load() == [])
        #expect(try File.names(in: "\(directory.path)/leases", endingIn: "") == ["\(stored.id).refused"])
    }

    @Test(
        arguments: [
            "", String(repeating: "a", count: 65), "a\n7", "ä-7",
        ])
    func aHelperCannotBeToldSuchAnIdentifier(identifier: String) {
        #expect(!StoredLease(Self.prefix, helper: StoredLease.Helper(identifier: identifier)).makesSense)
    }

    @Test(arguments: [String(repeating: "t", count: 257), "a\u{7f}", "\n"])
    func aHelperHasNotGivenSuchAToken(token: String) {
        #expect(
            !StoredLease(Self.prefix, helper: StoredLease.Helper(identifier: "a-7", token: token)).makesSense)
    }

    /// As far as anybody goes.
    @Test(
        arguments: [
            { $0.id = 1 }, { $0.id = 1 << 62 }, { $0.prefix = "2001::/16" },
            {
                $0.prefix = "2001:db8::1/128"
                $0.dhcpv6?.content = "address"
            },
            { $0.dhcpv6?.server = "000301" }, { $0.dhcpv6?.server = String(repeating: "00", count: 130) },
            { $0.dhcpv6?.iaid = 0 }, { $0.dhcpv6?.iaid = .max },
            { $0.dhcpv6?.preferredSeconds = 100 }, { $0.dhcpv6?.preferredSeconds = 0 },
            {
                $0.dhcpv6?.validSeconds = .max
                $0.dhcpv6?.preferredSeconds = .max
            },
            {
                $0.dhcpv6?.renewSeconds = 50
                $0.dhcpv6?.rebindSeconds = 50
            },
            {
                $0.dhcpv6?.renewSeconds = 60
                $0.dhcpv6?.rebindSeconds = 0
            },
            {
                $0.dhcpv6 = nil
                $0.interface = nil
                $0.helper = StoredLease.Helper(identifier: "a-7")
            },
        ] as [@Sendable (inout StoredLease) -> Void])
    func whatSomebodyMayHaveGivenIsBelieved(change: @Sendable (inout StoredLease) -> Void) {
        var stored = StoredLease(Self.prefix, dhcpv6: Self.dhcpv6)
        change(&stored)
        #expect(stored.makesSense)
    }

    /// Servers know a lease by its IAID: two of one number are one lease.
    @Test func twoOfOneIAIDOfASourceAreNotBelieved() throws {
        let first = StoredLease(Self.prefix, dhcpv6: Self.dhcpv6)
        var second = first
        second.id = 8
        var other = first
        (other.id, other.source) = (9, "elsewhere")
        for stored in [first, second, other] { opened().keep(stored, isDurable: false) }
        #expect(opened().load() == [first, other])
        #expect(try File.names(in: "\(directory.path)/leases", endingIn: "") == ["7", "8.refused", "9"])
    }

    @Test func whatARunDidNotFinishWritingIsRemoved() throws {
        try directory.write("leases/7.new", "{")
        #expect(opened().load() == [])
        #expect(try File.names(in: "\(directory.path)/leases", endingIn: "") == [])
    }

    /// The newest are read, whose numbers a new lease must not get.
    @Test func moreFilesThanAnybodyHasAreNotRead() throws {
        for id in [3, 20, 100] as [UInt64] {
            var lease = Self.stored
            lease.id = id
            opened().keep(lease, isDurable: false)
        }
        try directory.write("leases/junk", "")
        let logged = try LoggedLines()
        let leases = LeaseDirectory(stateDirectory: directory.path, log: logged.log, mostFiles: 2)
        #expect(leases.load().map(\.id) == [20, 100])
        #expect(
            logged.lines == [
                "odmd: warning: \(directory.path)/leases: 4 files; the oldest are not looked at, beyond 2"
            ])
        #expect(try File.names(in: "\(directory.path)/leases", endingIn: "") == ["100", "20", "3", "junk"])
    }

    @Test func asManyAsThereMayBeAreRead() throws {
        for id in [3, 20] as [UInt64] {
            var lease = Self.stored
            lease.id = id
            opened().keep(lease, isDurable: false)
        }
        for other in ["1.refused", "2.new"] { try directory.write("leases/\(other)", "{") }
        let logged = try LoggedLines()
        let leases = LeaseDirectory(stateDirectory: directory.path, log: logged.log, mostFiles: 2)
        #expect(leases.load().map(\.id) == [3, 20] && logged.lines == [])
    }

    @Test func aDirectoryThatCannotBeReadIsSaid() throws {
        try directory.write("leases", "This is a file.")
        let logged = try LoggedLines()
        #expect(LeaseDirectory(stateDirectory: directory.path, log: logged.log).load() == [])
        #expect(
            logged.lines == [
                "odmd: warning: read directory \(directory.path)/leases: Not a directory; going on without the leases of "
                    + "earlier runs"
            ])
    }

    @Test func withoutADirectoryTheLeaseIsUsedAllTheSame() throws {
        let leases = LeaseDirectory(
            stateDirectory: "\(directory.path)/missing", log: Log(program: "odmd", level: .error))
        leases.keep(Self.stored, isDurable: false)
        leases.forget(LeaseID(7))
        try File.makeDirectory("\(directory.path)/missing", mode: 0o700)
        leases.keep(Self.stored, isDurable: false)
        #expect(LeaseDirectory(stateDirectory: "\(directory.path)/missing", log: log).load() == [Self.stored])
    }

    // MARK: What fuzzing begins with

    private static let corpus = "\(Fixtures.directory)/corpus/lease"
    private static let names = (try? File.names(in: corpus, endingIn: "")) ?? []

    @Test func theCorpusIsThere() { #expect(Self.names.count >= 13) }

    /// The first word of each name says what becomes of it.
    @Test(arguments: names) func isWhatTheCorpusSays(name: String) throws {
        let text = try File.read("\(Self.corpus)/\(name)", limit: 1 << 16)
        let makesSense = Json.decode(StoredLease.self, from: text)?.makesSense ?? false
        #expect(makesSense == name.hasPrefix("believed-"))
        #expect(makesSense != name.hasPrefix("refused-"))
    }
}

@Suite("Stored leases") struct StoredLeaseTests {
    private static let prefix = LeasedPrefix(
        id: LeaseID(7), source: "provider", type: .fixed, prefix: "2001:db8:a::/64", interface: "wlan0")
    private let now = Instant(microseconds: 5_000_000_000)

    private func lease(validSeconds: UInt32 = 1_000, receivedAt: Instant) -> DHCPv6Lease {
        DHCPv6Lease(
            content: .prefixDelegation, identifier: 0x1abc_0000, type: .fixed, prefix: "2001:db8:a::/64",
            serverIdentifier: [0, 2, 0xff, 0x0a], renewalSeconds: 500, rebindingSeconds: 800,
            preferredSeconds: 900, validSeconds: validSeconds, receivedAt: receivedAt)
    }

    @Test func aLeaseOfDHCPv6ComesBackAsItWas() throws {
        let stored = StoredLease.DHCPv6(lease(receivedAt: now), at: now)
        #expect(stored.server == "0002ff0a")
        let back = try #require(stored.lease(Self.prefix, at: now))
        // A second may have begun meanwhile.
        #expect((999...1_000).contains(back.validSeconds))
        #expect(back.serverIdentifier == [0, 2, 0xff, 0x0a])
        #expect(back.identifier == 0x1abc_0000 && back.content == .prefixDelegation && back.type == .fixed)
    }

    /// The clock that its times were of has begun anew.
    @Test func timeHasPassedWhileTheMachineWasOff() throws {
        var stored = StoredLease.DHCPv6(lease(receivedAt: now), at: now)
        stored.receivedAt -= 600_000
        let back = try #require(stored.lease(Self.prefix, at: Instant(microseconds: 1_000_000)))
        #expect((399...400).contains(back.validSeconds))
        #expect(back.renewalSeconds == 1 && back.receivedAt == Instant(microseconds: 1_000_000))
    }

    @Test func whatIsOverIsNone() {
        var stored = StoredLease.DHCPv6(lease(receivedAt: now), at: now)
        stored.receivedAt -= 1_000_000
        #expect(stored.lease(Self.prefix, at: now) == nil)
    }

    @Test func forEverIsForEver() throws {
        var stored = StoredLease.DHCPv6(lease(validSeconds: .max, receivedAt: now), at: now)
        stored.receivedAt -= 1_000_000_000_000
        #expect(try #require(stored.lease(Self.prefix, at: now)).validSeconds == .max)
    }

    @Test(arguments: ["0", "xy", "0002f", "ü0"]) func aServerThatIsNoneIsRefused(server: String) {
        var stored = StoredLease.DHCPv6(lease(receivedAt: now), at: now)
        stored.server = server
        #expect(stored.lease(Self.prefix, at: now) == nil)
    }

    @Test func aHelpersLeaseComesBack() throws {
        let kept = HelperLease(
            Self.prefix, identifier: "ab-7", token: "session 5", validUntil: now + .seconds(100))
        let stored = StoredLease.Helper(kept, at: now)
        let later = Instant(microseconds: 1_000_000)
        let back = try #require(stored.lease(Self.prefix, at: later))
        #expect(back.identifier == "ab-7" && back.token == "session 5" && back.lease == Self.prefix)
        let left = try #require(back.validUntil).since(later)
        #expect(left > .seconds(97) && left <= .seconds(100))
        let expired = StoredLease.Helper(
            identifier: "ab-7", token: nil, validUntil: WallClock.milliseconds - 1)
        #expect(expired.lease(Self.prefix, at: later) == nil)
    }
}
