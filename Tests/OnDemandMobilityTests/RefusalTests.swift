import CLibc
import Foundation
import OnDemandMobility
import Posix
import Testing

/// Everything that can be wrong with the daemon, the socket or the answer.
struct RefusalTests {
    private func refusal(of calls: Calls, at path: String) async -> MobilityError? {
        let socket = ipv6Socket()
        let number = socket.number
        return await OnDemandMobilityTests.refusal { () async throws(MobilityError) in
            try await calls.setsc(MobilityClient(path: path), number)
        }
    }

    @Test(arguments: Calls.allCases)
    func noDaemon(calls: Calls) async throws {
        #expect(await refusal(of: calls, at: "/nowhere/setsc") == MobilityError(.notSupported, errno: ENOENT))
        #expect(await refusal(of: calls, at: "") == MobilityError(.notSupported, errno: ECONNREFUSED))
        let tooLong = "/" + String(repeating: "x", count: 107)
        #expect(await refusal(of: calls, at: tooLong) == MobilityError(.notSupported, errno: ENAMETOOLONG))
        #expect(await refusal(of: calls, at: "/a\0b") == MobilityError(.notSupported, errno: ENOENT))
        let streams = try FakeDaemon(reads: false, kind: .stream) { _ in }
        #expect(await refusal(of: calls, at: streams.path) == MobilityError(.notSupported, errno: EPROTOTYPE))
    }

    @Test(arguments: Calls.allCases)
    func aDaemonThatHasEnded(calls: Calls) async throws {
        let path = "/tmp/odm-swift-\(UUID().uuidString)"
        let left = try bound(at: path, waiting: nil)
        #expect(left.number >= 0)
        defer { unsafe unlink(path) }
        #expect(await refusal(of: calls, at: path) == MobilityError(.notSupported, errno: ECONNREFUSED))
    }

    @Test(arguments: Calls.allCases)
    func whatIsNoIPv6Socket(calls: Calls) async throws {
        let daemon = try FakeDaemon(answering: granted())
        let client = MobilityClient(path: daemon.path)
        let event = try Descriptor.alwaysReady()
        let other = Descriptor(adopting: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        let table = [(-1, EBADF), (event.number, ENOTSOCK), (other.number, EAFNOSUPPORT)]
        for (descriptor, errno) in table {
            let error = await OnDemandMobilityTests.refusal { () async throws(MobilityError) in
                try await calls.setsc(client, descriptor)
            }
            #expect(error == MobilityError(.system, errno: errno))
        }
        #expect(daemon.asked.isEmpty)
    }

    @Test(
        arguments: Calls.allCases,
        [
            (refused(status: 1, errno: ENOTSUP), MobilityError(.notSupported, errno: ENOTSUP)),
            (refused(status: 1, errno: EXDEV), MobilityError(.notSupported, errno: EXDEV)),
            (refused(status: 2, errno: EACCES), MobilityError(.failed, errno: EACCES)),
            (refused(status: 2, errno: ETIMEDOUT), MobilityError(.failed, errno: ETIMEDOUT)),
            (refused(operation: 0x80, status: 2, errno: EBUSY), MobilityError(.failed, errno: EBUSY)),
            (refused(status: 3, errno: ENOENT), MobilityError(.system, errno: ENOENT)),
            (
                refused(operation: 0x80, status: 3, errno: EPROTONOSUPPORT),
                MobilityError(.notSupported, errno: EPROTONOSUPPORT)
            ),
        ])
    func whatTheDaemonRefuses(calls: Calls, answer: ([UInt8], MobilityError)) async throws {
        let daemon = try FakeDaemon(answering: answer.0)
        #expect(await refusal(of: calls, at: daemon.path) == answer.1)
    }

    /// A reply in which one thing is not as it should be.
    @Test(arguments: [
        granted(operation: 0x82),  // another operation
        granted(operation: 0x80),
        granted(operation: 0x01),  // a request
        granted(type: 0),
        granted(type: 5),
        Array(granted()[..<31]),
        granted() + [0],
        granted() + [UInt8](repeating: 0, count: 16),
        [0x20],
        octets("6f 64 6d"),
        granted().with(0x70, at: 0),
        granted().with(4, at: 6),  // no status
        granted().with(1, at: 7),  // reserved
        granted().with(1, at: 11),  // granted, and an errno
        granted().with(1, at: 15),  // reserved
        Array(granted()[..<16]) + [UInt8](repeating: 0, count: 16),  // no address
        refused(status: 2, errno: 0),
        refused(status: 2, errno: 1).with(0x80, at: 8),  // a negative errno
        refused(status: 2, errno: 1).with(2, at: 5),  // refused, and a type
        refused(status: 2, errno: 1).with(2, at: 20),  // refused, and an address
        refused(operation: 0x83, status: 2, errno: 1),
    ])
    func whatIsNoReply(reply: [UInt8]) async throws {
        let daemon = try FakeDaemon(answering: reply)
        #expect(await refusal(of: .async, at: daemon.path) == MobilityError(.failed, errno: EBADMSG))
    }

    @Test(arguments: [
        granted().with(2, at: 3), Array(granted()[..<4]).with(2, at: 3),
        granted().with(0, at: 3) + [1, 2, 3],
    ])
    func anotherVersion(reply: [UInt8]) async throws {
        let daemon = try FakeDaemon(answering: reply)
        #expect(
            await refusal(of: .async, at: daemon.path) == MobilityError(.notSupported, errno: EPROTONOSUPPORT)
        )
    }

    @Test(arguments: Calls.allCases)
    func aDaemonThatEndsBeforeItAnswers(calls: Calls) async throws {
        let read = try FakeDaemon { _ in usleep(20_000) }
        #expect(await refusal(of: calls, at: read.path) == MobilityError(.failed, errno: ECONNRESET))
        // What it has not read makes the kernel say so by an error.
        let unread = try FakeDaemon(reads: false) { _ in usleep(20_000) }
        #expect(await refusal(of: calls, at: unread.path) == MobilityError(.failed, errno: ECONNRESET))
    }

    @Test(arguments: Calls.allCases)
    func anAnswerBehindAReset(calls: Calls) async throws {
        let daemon = try FakeDaemon(reads: false) { connection in
            usleep(20_000)
            connection.send(refused(operation: 0x80, status: 2, errno: EBUSY))
        }
        #expect(await refusal(of: calls, at: daemon.path) == MobilityError(.failed, errno: EBUSY))
    }
}

/// A SOCK_SEQPACKET socket that has the path, and if it listens, how many may wait.
func bound(at path: String, waiting: Int32?) throws -> Descriptor {
    let descriptor = Descriptor(adopting: socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0))
    let result = unsafe withAddress(of: path) { unsafe bind(descriptor.number, $0, $1) }
    #expect(result == 0)
    if let waiting { #expect(listen(descriptor.number, waiting) == 0) }
    return descriptor
}

func withAddress(of path: String, _ call: (__CONST_SOCKADDR_ARG, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: Array(path.utf8)) }
    return unsafe withUnsafePointer(to: &address) { address in
        unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            unsafe call(
                __CONST_SOCKADDR_ARG(__sockaddr__: address), socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}

extension [UInt8] {
    /// The same octets with one of them changed.
    func with(_ value: UInt8, at offset: Int) -> [UInt8] {
        var copy = self
        copy[offset] = value
        return copy
    }
}
