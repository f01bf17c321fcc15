import CLibc
import Testing

@testable import Kernel
@testable import Mobility

@Suite(.enabled(if: canMakeNamespaces, "making network namespaces takes root"))
struct SocketTrafficTests {
    private let address: IPv6Address = "::1"

    private func send(_ count: Int, over connection: Connection) {
        let octets = [UInt8](repeating: 1, count: count)
        var buffer = octets
        #expect(unsafe CLibc.send(connection.client.descriptor, octets, count, 0) == count)
        #expect(unsafe recv(connection.accepted.descriptor, &buffer, count, Int32(MSG_WAITALL)) == count)
    }

    @Test func whatConnectionsCarryIsSummedForEachAddress() throws {
        try inFreshNamespace {
            let diagnosis = try SocketDiagnosis.open()
            let connections = [
                Connection(from: address, to: address), Connection(from: address, to: address),
            ]
            for connection in connections { send(5000, over: connection) }
            // Each end counts what it has sent and what it has received.
            let isCounted = try eventually {
                try diagnosis.traffic(in: "::1/128").first?.octets ?? 0 >= 20_000
            }
            #expect(isCounted)
            #expect(try diagnosis.traffic(in: "::1/128").map(\.address) == [address])
            #expect(try diagnosis.traffic(in: "::2/128").isEmpty)
            withExtendedLifetime(connections) {}
        }
    }

    @Test func aConnectionThatEndsSaysWhatItHasCarried() throws {
        try inFreshNamespace {
            let monitor = try SocketDeathMonitor.open()
            var connection: Connection? = Connection(from: address, to: address)
            send(7000, over: try #require(connection))
            connection = nil
            var traffic: [Traffic] = []
            var dead = 0
            let areTold = try eventually {
                _ = try monitor.drain(budget: 100, traffic: { traffic.append($0) }) { _ in dead += 1 }
                return dead >= 3
            }
            #expect(areTold)
            #expect(traffic.map(\.address) == [address, address])
            #expect(traffic.allSatisfy { (7000...7010).contains($0.octets) })
        }
    }

    @Test func datagramsAreNotCounted() throws {
        try inFreshNamespace {
            let monitor = try SocketDeathMonitor.open()
            var socket: TestSocket? = TestSocket(SOCK_DGRAM)
            let isBound = try #require(socket).bind(address) == 0
            #expect(isBound)
            socket = nil
            var (traffic, dead) = (0, 0)
            let isTold = try eventually {
                _ = try monitor.drain(budget: 100, traffic: { _ in traffic += 1 }) { _ in dead += 1 }
                return dead > 0
            }
            #expect(isTold)
            #expect(traffic == 0)
        }
    }
}
