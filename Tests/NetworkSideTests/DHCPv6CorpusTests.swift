import Mobility
import NetworkSide
import Posix
import Testing

/// The messages that fuzzing begins with, played to a client in every state.
///
/// They are for the client of `DHCPv6Client` with seed 1. The first line of each file says what it is to a client that
/// solicits.
@Suite("Corpus of DHCPv6 messages") struct DHCPv6CorpusTests {
    private static let directory =
        String(#filePath.dropLast("/DHCPv6CorpusTests.swift".count)) + "/corpus/dhcpv6"

    static let names = (try? File.names(in: directory, endingIn: ".hex")) ?? []

    @Test func itIsThere() { #expect(Self.names.count >= 20) }

    @Test(arguments: names) func whileSoliciting(name: String) throws {
        let text = try text(name)
        var client = DHCPv6Client(.continuityOption(code: DHCPv6Client.continuityOption))
        _ = client.solicit()
        _ = client.hear(octets(text))
        let firstLine = try #require(text.split(separator: "\n").first)
        #expect("# \(client.reception.description)" == firstLine)
    }

    @Test(arguments: names) func inEveryState(name: String) throws {
        let message = octets(try text(name))
        for var client in states {
            let transaction = client.association.transactionIdentifier ?? 0
            var answer = message
            for (index, shift) in [(1, 16), (2, 8), (3, 0)] where index < answer.count {
                answer[index] = UInt8(truncatingIfNeeded: transaction >> UInt32(shift))
            }
            let ends = (client.hear(answer) + client.wait(.seconds(10_000))).filter { $0 == .ended }.count
            #expect(ends <= 1)
            #expect(client.association.nextDeadline.map { $0 > client.now } ?? true)
        }
    }

    /// Clients that solicit, request, have a lease, renew, rebind, release.
    private var states: [DHCPv6Client] {
        let conveyance = Conveyance.continuityOption(code: DHCPv6Client.continuityOption)
        var client = DHCPv6Client(conveyance)
        var states: [DHCPv6Client] = []
        _ = client.solicit()
        states.append(client)
        _ = client.hear(client.answer(.advertise, [DHCPv6Client.hundred]) { $0.preference = 255 })
        states.append(client)
        _ = client.hear(client.answer(.reply, [DHCPv6Client.hundred]))
        states.append(client)
        _ = client.waitForDeadline()
        states.append(client)
        _ = client.rebind()
        states.append(client)
        _ = client.release()
        states.append(client)
        return states
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try File.read("\(Self.directory)/\(name)", limit: 1 << 20), as: UTF8.self)
    }
}
