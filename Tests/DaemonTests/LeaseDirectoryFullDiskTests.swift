import CLibc
import FoundationEssentials
import Mobility
import Posix
import Testing

@testable import Daemon
@testable import EventLoop

@Suite("Leases on a full or read-only file system", .enabled(if: canMakeMountNamespaces, "takes root"))
struct LeaseDirectoryFullDiskTests {
    private let state: TemporaryDirectory
    private let log: LoggedLines

    init() throws {
        state = try TemporaryDirectory()
        log = try LoggedLines()
    }

    private func opened() -> LeaseDirectory { LeaseDirectory(stateDirectory: state.path, log: log.log) }

    private static func lease(_ id: UInt64, token: String? = nil) -> StoredLease {
        StoredLease(
            LeasedPrefix(id: LeaseID(id), source: "modem", type: .fixed, prefix: "2001:db8:a::/64"),
            helper: StoredLease.Helper(identifier: "a-\(id)", token: token))
    }

    private func withSmallStateDirectory(_ body: @escaping (_ mount: (String) -> Bool) throws -> Void) throws
    {
        try withSmallFileSystem(on: state.path, body)
    }

    private func fill() throws { try state.write("filler", String(repeating: "x", count: 4096)) }
    private func makeRoom() throws { try FileManager.default.removeItem(atPath: "\(state.path)/filler") }

    private var files: [String] { (try? File.names(in: "\(state.path)/leases", endingIn: "")) ?? [] }

    /// The tmpfs has two pages: one lease, and what fills it.
    @Test(arguments: [true, false]) func aLeaseThatDoesNotFitIsKeptWhenThereIsRoom(isDurable: Bool) throws {
        var found: [[StoredLease]] = []
        var names: [[String]] = []
        try withSmallStateDirectory { _ in
            let leases = opened()
            leases.keep(Self.lease(1), isDurable: isDurable)
            try fill()
            leases.keep(Self.lease(2), isDurable: isDurable)
            leases.keep(Self.lease(3), isDurable: isDurable)
            names.append(files)
            found.append(opened().load())
            try makeRoom()
            leases.keep(Self.lease(2), isDurable: isDurable)
            found.append(opened().load())
        }
        #expect(names == [["1"]], "nothing is left half written")
        #expect(found == [[Self.lease(1)], [Self.lease(1), Self.lease(2)]])
        #expect(
            log.lines == [
                "odmd: error: write \(state.path)/leases/2.new: No space left on device; leases will not outlive this run "
                    + "until they can be kept",
                "odmd: leases are kept again",
            ])
    }

    /// A renewal that cannot be written does not spoil what was there, and is written with the next.
    @Test func whatWasKeptStaysWhenAChangeDoesNotFit() throws {
        var found: [[StoredLease]] = []
        try withSmallStateDirectory { _ in
            let leases = opened()
            leases.keep(Self.lease(1), isDurable: true)
            try fill()
            leases.keep(Self.lease(1, token: "renewed"), isDurable: true)
            found.append(opened().load())
            try makeRoom()
            leases.keep(Self.lease(1, token: "renewed"), isDurable: true)
            found.append(opened().load())
        }
        #expect(found == [[Self.lease(1)], [Self.lease(1, token: "renewed")]])
    }

    @Test func aLeaseEndsOnAFullDisk() throws {
        var found: [[StoredLease]] = []
        try withSmallStateDirectory { _ in
            let leases = opened()
            leases.keep(Self.lease(1), isDurable: true)
            try fill()
            leases.forget(LeaseID(1))
            found.append(opened().load())
        }
        #expect(found == [[]] && log.lines == [])
    }

    /// The log says what becomes of it, once, and the file goes as soon as it can.
    @Test func aFileThatCannotBeRemovedIsRemovedLater() throws {
        var found: [[StoredLease]] = []
        try withSmallStateDirectory { mount in
            let leases = opened()
            leases.keep(Self.lease(1), isDurable: true)
            leases.keep(Self.lease(2), isDurable: true)
            precondition(mount("-o remount,ro"))
            leases.forget(LeaseID(1))
            leases.forget(LeaseID(2))
            found.append(opened().load())
            precondition(mount("-o remount,rw"))
            leases.keep(Self.lease(3), isDurable: true)
            found.append(opened().load())
        }
        #expect(found == [[Self.lease(1), Self.lease(2)], [Self.lease(3)]])
        #expect(
            log.lines == [
                "odmd: error: remove \(state.path)/leases/1: Read-only file system; until it can be removed, another run "
                    + "will take the lease for one that goes on"
            ])
    }

    @Test func aDamagedFileOnAReadOnlyFileSystemIsLeftWhereItIs() throws {
        try withSmallStateDirectory { mount in
            try state.write("leases/1", "{")
            precondition(mount("-o remount,ro"))
            precondition(opened().load() == [])
            precondition(files == ["1"])
        }
        #expect(
            log.lines == [
                "odmd: warning: \(state.path)/leases/1: it is not of this version, or damaged; going on without; rename "
                    + "\(state.path)/leases/1 to \(state.path)/leases/1.refused: Read-only file system"
            ])
    }
}
