import FuzzCorpus
import Mobility
import NetworkSide
import Testing

/// The messages that fuzzing begins with, played to a client in every state.
///
/// They are for the client of `DHCPv6Client` with seed 1. The first line of each file says what it is to a client that
/// solicits.
@Suite("Corpus of DHCPv6 messages") struct DHCPv6CorpusTests {
    static let corpus = FuzzCorpus("corpus/dhcpv6")

    @Test func itIsThere() { #expect(Self.corpus.names.count >= 20) }

    @Test(arguments: corpus.names) func whileSoliciting(name: String) throws {
        let (outcome, message) = try Self.corpus.read(name)
        var client = DHCPv6Client(.continuityOption(code: DHCPv6Client.continuityOption))
        _ = client.solicit()
        _ = client.hear(message)
        #expect(client.reception.description == outcome)
    }

    @Test(arguments: corpus.names) func inEveryState(name: String) throws {
        let message = try Self.corpus.read(name).message
        for var client in states {
            let ends = (client.hear(addressed(message, to: client)) + client.wait(.seconds(10_000))).filter {
                $0 == .ended
            }.count
            #expect(ends <= 1)
            #expect(client.association.nextDeadline.map { $0 > client.now } ?? true)
        }
    }

    /// Whatever comes and happens, a client that is released says once that it is done, and then nothing.
    @Test func damagedInEveryOrder() throws {
        let corpus = try Self.corpus.names.map { try Self.corpus.read($0).message }
        var dice = Dice(state: 99)
        for _ in 0..<500 {
            var client = DHCPv6Client(.continuityOption(code: DHCPv6Client.continuityOption))
            var outputs = client.solicit()
            for _ in 0..<6 {
                var message = corpus[dice.roll(corpus.count)]
                let place = dice.roll(message.count)
                if dice.roll(2) == 0 { message[place] = UInt8(dice.roll(256)) }
                outputs += client.hear(addressed(message, to: client))
                switch dice.roll(4) {
                case 0: outputs += client.rebind()
                case 1: outputs += client.wait(.seconds(dice.roll(200)))
                case 2: outputs += client.waitForDeadline()
                default: break
                }
            }
            outputs += client.release() + client.wait(.seconds(30))
            #expect(outputs.filter { $0 == .ended }.count == 1)
            #expect(outputs.last == .ended)
            #expect(client.association.nextDeadline == nil)
        }
    }

    private struct Dice {
        var state: UInt64

        mutating func roll(_ sides: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % sides
        }
    }

    /// The message, in the transaction that the client waits for.
    private func addressed(_ message: [UInt8], to client: DHCPv6Client) -> [UInt8] {
        let transaction = client.association.transactionIdentifier ?? 0
        var message = message
        for (index, shift) in [(1, 16), (2, 8), (3, 0)] as [(Int, UInt32)] where index < message.count {
            message[index] = UInt8(truncatingIfNeeded: transaction >> shift)
        }
        return message
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
}
