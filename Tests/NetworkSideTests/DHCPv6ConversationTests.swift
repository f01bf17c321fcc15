import Mobility
import NetworkSide
import Testing

/// A client and a server that talk over a network with losses, for hours of simulated time.
@Suite("DHCPv6 conversations") struct DHCPv6ConversationTests {
    private typealias Output = DHCPv6Association.Output

    /// Both sides, and what is between them.
    private struct Conversation {
        var association: DHCPv6Association
        var server = DHCPv6FakeServer()
        var now = Instant(microseconds: 1)
        var said: [Output] = []
        /// Of a hundred messages so many are lost.
        var lossPercent: UInt64 = 0
        var isServerThere = true
        private var dice: UInt64
        private static let travelTime: Duration = .milliseconds(5)
        private var underWay: (octets: [UInt8], arrival: Instant)?

        init(seed: UInt64, lossPercent: UInt64) {
            association = DHCPv6Association(
                .init(
                    clientIdentifier: DHCPv6Client.identifier, content: .prefixDelegation, identifier: 1,
                    type: .sessionLasting, conveyance: .userClass), seed: seed)
            dice = seed
            self.lossPercent = lossPercent
        }

        mutating func happen(_ body: (inout DHCPv6Association, Instant, inout [Output]) -> Void) {
            var outputs: [Output] = []
            body(&association, now, &outputs)
            for output in outputs {
                if case .send(let octets) = output { send(octets) } else { said.append(output) }
            }
        }

        /// The server's answer takes some time; one that is still under way is overtaken and lost.
        private mutating func send(_ octets: [UInt8]) {
            guard isServerThere, !isLost(), let answer = server.receive(octets, at: now), !isLost() else {
                return
            }
            underWay = (answer, now + Self.travelTime)
        }

        private mutating func isLost() -> Bool {
            dice = dice &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return dice >> 33 % 100 < lossPercent
        }

        /// Lets the time pass, with all that happens in it.
        mutating func wait(_ duration: Duration) {
            let end = now + duration
            while let next = [association.nextDeadline, underWay?.arrival].compactMap(\.self).min(),
                next <= end
            {
                now = max(now, next)
                if let answer = underWay, answer.arrival <= now {
                    underWay = nil
                    happen { $0.receive(answer.octets.span, at: $1, &$2) }
                } else {
                    happen { $0.deadlineReached(at: $1, &$2) }
                }
                checkLease()
            }
            now = end
        }

        /// The client does not count on a lease for longer than the server keeps it, but for the answer's way.
        private func checkLease() {
            guard let lease = association.lease, isServerThere else { return }
            guard let end = server.bindings[lease.prefix] else { return }
            #expect(lease.expiry! <= end + Self.travelTime)
        }
    }

    @Test(arguments: [true, false], [0, 20, 40] as [UInt64])
    func aLeaseIsHadKeptAndGivenBack(rapid: Bool, lossPercent: UInt64) {
        for seed in 1...50 as ClosedRange<UInt64> {
            var conversation = Conversation(seed: seed, lossPercent: lossPercent)
            conversation.server.commitsRapidly = rapid
            conversation.happen { $0.solicit(at: $1, &$2) }
            conversation.wait(.seconds(lossPercent == 0 ? 2 : 20_000))
            guard case .bound(let lease) = conversation.said.first else {
                Issue.record("no lease with seed \(seed)")
                continue
            }
            conversation.lossPercent = lossPercent / 2
            conversation.wait(.seconds(3600))
            guard conversation.association.lease?.prefix == lease.prefix else {
                // With many losses a lease of 100 seconds can be lost; then it is said.
                #expect(lossPercent > 0)
                #expect(conversation.said.contains { if case .lost = $0 { true } else { false } })
                continue
            }
            conversation.lossPercent = 0
            conversation.happen { $0.release(at: $1, &$2) }
            conversation.wait(.seconds(20))
            #expect(conversation.said.last == .ended)
            #expect(!conversation.server.current(at: conversation.now).contains(lease.prefix))
        }
    }

    @Test func aServerThatForgetsGivesTheSameAgain() {
        var conversation = Conversation(seed: 1, lossPercent: 0)
        conversation.happen { $0.solicit(at: $1, &$2) }
        conversation.wait(.seconds(10))
        let prefix = conversation.association.lease?.prefix
        conversation.server.restart()
        conversation.wait(.seconds(1000))
        #expect(conversation.association.lease?.prefix == prefix)
        #expect(conversation.server.current(at: conversation.now) == [prefix])
    }

    @Test func aServerThatWasAwayBetweenAdvertiseAndRequest() {
        var conversation = Conversation(seed: 1, lossPercent: 0)
        conversation.server.commitsRapidly = false
        conversation.happen { $0.solicit(at: $1, &$2) }
        conversation.wait(.milliseconds(500))
        conversation.isServerThere = false
        conversation.wait(.seconds(5))
        #expect(conversation.said == [])
        conversation.isServerThere = true
        conversation.wait(.seconds(10))
        #expect(conversation.association.lease != nil)
    }

    @Test func anExhaustedServerRefusesWithinTheFirstTimeout() {
        var conversation = Conversation(seed: 1, lossPercent: 0)
        conversation.server.isExhausted = true
        conversation.happen { $0.solicit(at: $1, &$2) }
        conversation.wait(.milliseconds(1100))
        #expect(conversation.said == [.refused(.status(DHCPv6Status(.noPrefixAvailable))), .ended])
    }

    @Test func whoGoesAwayLeavesNothingBehind() {
        for microseconds in stride(from: 0, to: 20_000, by: 500) {
            for rapid in [true, false] {
                var conversation = Conversation(seed: UInt64(microseconds), lossPercent: 0)
                conversation.server.commitsRapidly = rapid
                conversation.happen { $0.solicit(at: $1, &$2) }
                conversation.wait(.microseconds(microseconds))
                conversation.happen { $0.release(at: $1, &$2) }
                conversation.wait(.seconds(20))
                #expect(conversation.said.last == .ended)
                #expect(conversation.server.current(at: conversation.now) == [])
                #expect(conversation.association.nextDeadline == nil)
            }
        }
    }

    @Test func aServerThatGoesForGoodIsMissedAtTheEndOfTheLease() {
        var conversation = Conversation(seed: 1, lossPercent: 0)
        conversation.happen { $0.solicit(at: $1, &$2) }
        conversation.wait(.seconds(10))
        conversation.isServerThere = false
        conversation.wait(.seconds(89))
        #expect(conversation.said.count == 1)
        conversation.wait(.seconds(10))
        #expect(conversation.said.suffix(2) == [.lost(.expired), .ended])
    }
}
