import CLibc
import Testing

@testable import Kernel
@testable import Mobility

@Suite(.enabled(if: canMakeNamespaces, "making network namespaces takes root"))
struct SocketDeathTests {
    @Test(arguments: [SOCK_STREAM.rawValue, SOCK_DGRAM.rawValue])
    func aClosedSocketIsToldOf(type: UInt32) throws {
        try inFreshNamespace {
            let monitor = try SocketDeathMonitor.open()
            var socket: TestSocket? = TestSocket(__socket_type(type))
            let cookie = try #require(socket).cookie
            socket = nil
            #expect(try dies(cookie, monitor))
        }
    }

    @Test func boundListeningAndAcceptedSocketsAreToldOf() throws {
        try inFreshNamespace {
            let monitor = try SocketDeathMonitor.open()
            var connection: Connection? = Connection(from: "::1", to: "::1")
            let cookies = try [
                #require(connection).listener.cookie, #require(connection).client.cookie,
                #require(connection).accepted.cookie,
            ]
            connection = nil
            var dead: Set<UInt64> = []
            let areDead = try eventually {
                _ = try monitor.drain(budget: 100) { dead.insert($0) }
                return dead.isSuperset(of: cookies)
            }
            #expect(areDead)
        }
    }

    @Test func aCopyKeepsASocketAlive() throws {
        try inFreshNamespace {
            let monitor = try SocketDeathMonitor.open()
            var socket: TestSocket? = TestSocket(SOCK_DGRAM)
            let cookie = try #require(socket).cookie
            let copy = dup(try #require(socket).descriptor)
            socket = nil
            #expect(try !isDeadAfter100Milliseconds(cookie, monitor))
            close(copy)
            #expect(try dies(cookie, monitor))
        }
    }

    @Test func aChildProcessKeepsASocketAlive() throws {
        try inFreshNamespace {
            let monitor = try SocketDeathMonitor.open()
            var socket: TestSocket? = TestSocket(SOCK_DGRAM, inherited: true)
            let cookie = try #require(socket).cookie
            #expect(unsafe system("sleep 0.5 &") == 0)
            socket = nil
            #expect(try !isDeadAfter100Milliseconds(cookie, monitor))
            #expect(try dies(cookie, monitor))
        }
    }

    @Test func anOverrunIsToldAfterTheRestAndTheMonitorLivesOn() throws {
        try inFreshNamespace {
            let monitor = try SocketDeathMonitor.open(receiveBufferBytes: 16 << 10)
            closeSockets(2_000)
            var count = 0
            #expect(try monitor.drain(budget: 10_000) { _ in count += 1 } == .overrun)
            #expect((1..<2_000).contains(count))
            #expect(try monitor.drain(budget: 10) { _ in } == .drained)
            try expectAlive(monitor)
        }
    }

    /// Whatever the budget: the descriptor of an empty queue is not readable, and would tell nobody.
    @Test(arguments: 1...20) func anOverrunIsToldBeforeTheDescriptorGoesQuiet(budget: Int) throws {
        try inFreshNamespace {
            let monitor = try SocketDeathMonitor.open(receiveBufferBytes: 16 << 10)
            closeSockets(200)
            var outcome = DrainOutcome.budgetSpent
            while outcome == .budgetSpent {
                var entry = pollfd(fd: monitor.descriptor, events: Int16(POLLIN), revents: 0)
                // The kernel may still be busy telling.
                #expect(unsafe poll(&entry, 1, 2_000) == 1)
                outcome = try monitor.drain(budget: budget) { _ in }
            }
            #expect(outcome == .overrun)
            try expectAlive(monitor)
        }
    }

    @Test func aLargeBufferLosesNothing() throws {
        try inFreshNamespace {
            let monitor = try SocketDeathMonitor.open()
            #expect(monitor.receiveBufferBytes >= 64 << 20)
            closeSockets(10_000)
            var count = 0
            let isComplete = try eventually {
                let outcome = try monitor.drain(budget: 100_000) { _ in count += 1 }
                #expect(outcome == .drained)
                return count >= 10_000
            }
            #expect(isComplete)
            #expect(count == 10_000)
        }
    }

    private func closeSockets(_ count: Int) {
        for _ in 0..<count { _ = TestSocket(SOCK_DGRAM) }
        usleep(200_000)
    }

    private func expectAlive(_ monitor: SocketDeathMonitor) throws {
        var socket: TestSocket? = TestSocket(SOCK_DGRAM)
        let cookie = try #require(socket).cookie
        socket = nil
        #expect(try dies(cookie, monitor))
    }

    private func dies(_ cookie: UInt64, _ monitor: SocketDeathMonitor) throws -> Bool {
        try eventually {
            var isDead = false
            _ = try monitor.drain(budget: 1_000) { if $0 == cookie { isDead = true } }
            return isDead
        }
    }

    private func isDeadAfter100Milliseconds(_ cookie: UInt64, _ monitor: SocketDeathMonitor) throws -> Bool {
        usleep(100_000)
        var isDead = false
        _ = try monitor.drain(budget: 1_000) { if $0 == cookie { isDead = true } }
        return isDead
    }
}
