import CLibc
import Posix
import Testing

@testable import Daemon

/// Sockets that the service manager passes.
@Suite struct ListeningSocketsTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// A descriptor as the service manager would make it: listening, and blocking.
    private func passed(_ name: String, _ type: __socket_type) throws -> Int32 {
        let number = socket(AF_UNIX, Int32(type.rawValue), 0)
        // struct sockaddr_un: sun_family in the byte order of the host, sun_path with its zero.
        let family = UInt16(AF_UNIX)
        let address =
            [UInt8(family & 0xff), UInt8(family >> 8)] + Array("\(directory.path)/\(name)".utf8) + [0]
        let result = unsafe address.withUnsafeBytes { bytes in
            let generic = unsafe bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            return unsafe bind(number, __CONST_SOCKADDR_ARG(__sockaddr__: generic), socklen_t(bytes.count))
        }
        try #require(result == 0 && listen(number, 8) == 0)
        return number
    }

    private func isThere(_ name: String) -> Bool { unsafe access("\(directory.path)/\(name)", F_OK) == 0 }

    @Test func passedOnesAreTakenByTheirTypesAndStay() throws {
        // In the other order than that in which they are wanted.
        let numbers = [try passed("admin", SOCK_STREAM), try passed("setsc", SOCK_SEQPACKET)]
        do {
            var sockets = try ListeningSockets(passed: numbers, directory: directory.path)
            let setsc = try sockets.takeSetsc()
            let admin = try sockets.takeAdmin()
            #expect(setsc.number == numbers[1])
            #expect(admin.number == numbers[0])
            // Accepting does not wait.
            let nobody = try setsc.accept() == nil
            #expect(nobody)
        }
        #expect(isThere("setsc") && isThere("admin"))
    }

    @Test func whatIsNotPassedIsMadeAndGoes() throws {
        do {
            var sockets = try ListeningSockets(
                passed: [try passed("setsc", SOCK_SEQPACKET)], directory: directory.path)
            let setsc = try sockets.takeSetsc()
            let admin = try sockets.takeAdmin()
            #expect(setsc.number != admin.number)
            #expect(isThere("admin"))
        }
        #expect(isThere("setsc"))
        #expect(!isThere("admin"))
    }

    @Test func strangersAreRefused() throws {
        let one = try passed("one", SOCK_STREAM)
        let two = try passed("two", SOCK_STREAM)
        let datagram = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        let connecting = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let internet = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        try #require(listen(internet, 1) == 0)
        for numbers in [[one, two], [datagram], [connecting], [internet], [-1]] {
            #expect(throws: ListeningSockets.Stranger.self, "\(numbers)") {
                _ = try ListeningSockets(passed: numbers, directory: directory.path)
            }
        }
        for number in [two, datagram, connecting, internet] { close(number) }
    }
}
