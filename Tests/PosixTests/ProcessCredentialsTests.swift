import CLibc
import Testing

@testable import Posix

@Suite("Whom a process acts for") struct ProcessCredentialsTests {
    @Test func ofThisProcess() throws {
        let own = try ProcessCredentials(of: getpid())
        #expect(own.user == geteuid())
        #expect(own.groups.first == getegid())
    }

    @Test func effectiveOnesCount() {
        let status = "Name:\tx\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nGroups:\t9 6 10 \nVmPeak:\t1\n"
        #expect(ProcessCredentials(status: status)?.user == 2)
        #expect(ProcessCredentials(status: status)?.groups == [6, 9, 10])
        #expect(ProcessCredentials(status: "Uid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nGroups:\t \n")?.groups == [6])
    }

    @Test(arguments: [
        "", "Uid:\t1\t2\nGid:\t5\t6\t7\t8\nGroups:\t\n", "Uid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\n",
    ])
    func whatIsNotComplete(status: String) {
        #expect(ProcessCredentials(status: status) == nil)
    }

    @Test func aProcessThatIsNotThere() {
        #expect(throws: SystemError.self) { () throws in _ = try ProcessCredentials(of: 1 << 30) }
    }

    // MARK: At the other end of a socket

    /// Calls `body` with one end of a connection of this process to itself.
    private func withPeer(_ body: (borrowing Descriptor) throws -> Void) throws {
        var ends: [Int32] = [0, 0]
        let result = unsafe socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends)
        precondition(result == 0, "socketpair failed")
        defer { close(ends[1]) }
        try body(Descriptor(adopting: ends[0]))
    }

    @Test func groupsOfThePeer() throws {
        var own = [gid_t](repeating: 0, count: 65_536)
        let count = unsafe getgroups(Int32(own.count), &own)
        try withPeer { peer in
            let groups = try peer.peerGroups()
            #expect(groups == Array(own.prefix(Int(count))))
        }
    }

    @Test func aHandleOfThePeer() throws {
        try withPeer { peer in
            do throws(SystemError) {
                let isThere = try ProcessHandle(peerOf: peer).isThere
                #expect(isThere)
            } catch {
                #expect(error.errno == ENOPROTOOPT, "before Linux 6.5")
            }
        }
    }
}
