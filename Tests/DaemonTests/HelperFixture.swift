import CLibc
import Mobility
import Posix
import Testing

@testable import Daemon
@testable import EventLoop

/// A helper source whose program is a shell script, on a loop of its own.
final class HelperFixture {
    /// Writable by everybody: `$0` of the script.
    let directory: String
    private(set) var outcomes: [PrefixOutcome] = []
    /// Leases that are kept.
    private(set) var leases: [LeaseID: HelperLease] = [:]
    private(set) var source: HelperSource?
    private let temporary: TemporaryDirectory
    private let loop: EventLoop
    private let logFile: Descriptor

    convenience init(
        _ script: String, limits: HelperLimits = HelperLimits(),
        identity: ProcessIdentity? = HelperSource.leastIdentity
    ) throws {
        try self.init(limits: limits, identity: identity) { ["/bin/sh", "-c", script, $0] }
    }

    /// - Parameter command: is given the directory.
    init(
        limits: HelperLimits = HelperLimits(), identity: ProcessIdentity? = HelperSource.leastIdentity,
        command: (String) -> [String]
    ) throws {
        temporary = try TemporaryDirectory()
        directory = temporary.path
        try #require(unsafe chmod(directory, 0o777) == 0)
        let log = unsafe odm_open("\(directory)/log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        logFile = Descriptor(adopting: log)
        loop = try EventLoop()
        source = try HelperSource(
            name: "modem", command: command(directory), defaultInterface: nil, identity: identity, loop: loop,
            log: Log(program: "odmd", level: .debug, output: log, isJournal: false), limits: limits
        ) { [unowned self] in outcomes.append($0) }
        source?.onLeaseChange { [unowned self] in leases[$0] = $1 }
    }

    /// Has the source go on with 2001:db8:0:100::/64, of which a second is left.
    ///
    /// - Returns: when that will be over.
    @discardableResult
    func adopt(identifier: String, token: String? = nil) throws -> Instant {
        let lease = LeasedPrefix(
            id: LeaseID(1), source: "modem", type: .sessionLasting, prefix: "2001:db8:0:100::/64")
        let end = Instant(microseconds: loop.now) + .seconds(1)
        source?.adopt(HelperLease(lease, identifier: identifier, token: token, validUntil: end))
        return end
    }

    func write(_ name: String, _ text: String) throws { try temporary.write(name, text) }

    func ask(_ number: UInt64 = 1, _ type: ContinuityType = .sessionLasting) {
        source?.ask(PrefixRequest(id: LeaseID(number), source: "modem", type: type))
    }

    func cancel(_ number: UInt64 = 1) { source?.cancel(LeaseID(number)) }

    func giveBack(_ number: UInt64 = 1) { source?.giveBack(LeaseID(number)) }

    func close() { source = nil }

    /// Programs are ended as in a daemon that goes on, also where a test has failed.
    deinit {
        source = nil
        _ = try? run(forSeconds: 3) { try childrenOfThread().isEmpty }
    }

    /// Lets the loop run until `condition` holds.
    ///
    /// - Returns: whether it does.
    @discardableResult
    func run(forSeconds seconds: UInt64 = 10, until condition: () throws -> Bool) throws -> Bool {
        let end = loop.now + seconds * 1_000_000
        while loop.now < end {
            if try condition() { return true }
            try loop.runOnce(waiting: 2_000)
        }
        return false
    }

    /// Lets the loop run until the next outcome, and gives it.
    func nextOutcome() throws -> PrefixOutcome? {
        try run { [unowned self] in !outcomes.isEmpty }
        return outcomes.isEmpty ? nil : outcomes.removeFirst()
    }

    // MARK: What was left behind

    /// A file that the script wrote, by lines; none if there is no such file.
    func lines(_ name: String) -> [String] {
        let text = (try? File.read("\(directory)/\(name)", limit: 1 << 20)) ?? []
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    var log: [String] { lines("log") }

    /// Lets the loop run until the script has written so many lines.
    func run(until name: String, has count: Int) throws -> Bool {
        try run { [unowned self] in lines(name).count >= count }
    }
}

/// Whether a process is there and no zombie.
func isRunning(_ process: String) -> Bool {
    guard let status = try? File.read("/proc/\(process)/stat", limit: 4096) else { return false }
    return !String(decoding: status, as: UTF8.self).contains(") Z ")
}

/// The processes that this thread has started, zombies included.
func childrenOfThread() throws -> String {
    String(decoding: try File.read("/proc/thread-self/children", limit: 4096), as: UTF8.self)
}
