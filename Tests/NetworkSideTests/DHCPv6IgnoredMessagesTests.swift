import Mobility
import NetworkSide
import Testing

/// Messages that are no answers: the exchange goes on as if they had not come.
@Suite("DHCPv6 messages that are ignored") struct DHCPv6IgnoredMessagesTests {
    private typealias Client = DHCPv6Client
    private let hundred = DHCPv6Client.hundred

    private typealias Change = @Sendable (inout DHCPv6Message) -> Void

    private static let changes: [(DHCPv6Reception.Reason, Change)] = [
        (.otherTransaction, { $0.transactionIdentifier ^= 1 }),
        (.otherClient, { $0.clientIdentifier = [0, 4, 0xc1] }),
        (.otherClient, { $0.clientIdentifier = nil }),
        (.noServer, { $0.serverIdentifier = nil }),
        (.notCommitted, { $0.isRapidCommit = false }),
        (.noAssociation, { $0.associations[0].identifier += 1 }),
        (.noAssociation, { $0.associations[0].content = .nonTemporaryAddress }),
        (.noAssociation, { $0.associations = [] }),
        (.unexpected(.renew), { $0.kind = .renew }),
    ]

    @Test(arguments: changes)
    private func whileSoliciting(reason: DHCPv6Reception.Reason, change: Change) {
        var client = Client()
        _ = client.solicit()
        #expect(client.hear(client.answer(.reply, [hundred], change)) == [])
        #expect(client.reception == .ignored(reason))
        #expect(client.hear(client.answer(.reply, [hundred])) == [.bound(client.lease(hundred))])
    }

    @Test func malformedOnes() {
        var client = Client()
        _ = client.solicit()
        #expect(client.hear([7, 0]) == [])
        #expect(client.reception == .ignored(.malformed(.tooShort)))
        #expect(client.reception.description == "ignored: shorter than a DHCPv6 message")
    }

    @Test func whileRequesting() {
        var client = Client()
        _ = client.solicit()
        _ = client.hear(client.answer(.advertise, [hundred]) { $0.preference = 255 })
        #expect(client.sent.kind == .request)
        #expect(client.hear(client.answer(.advertise, [hundred])) == [])
        #expect(client.reception == .ignored(.unexpected(.advertise)))
        #expect(client.hear(client.answer(.reply, [hundred], from: Client.otherServer)) == [])
        #expect(client.reception == .ignored(.otherServer))
        #expect(client.hear(client.answer(.reply, nil)) == [])
        #expect(client.reception == .ignored(.noAssociation))
        #expect(client.hear(client.answer(.reply, [hundred])) == [.bound(client.lease(hundred))])
    }

    @Test func whileNothingIsAsked() {
        var client = Client.bound()
        let answer = client.answer(.reply, [DHCPv6Client.other])
        #expect(client.hear(answer) == [])
        #expect(client.reception == .ignored(.notAsked))
        #expect(client.association.lease == client.lease(hundred))
    }

    @Test func beforeTheDelayedFirstMessage() {
        var client = Client()
        let lease = Client.bound().lease(hundred)
        #expect(client.resume(lease) == [])
        #expect(client.hear([]) == [])
        #expect(client.reception == .ignored(.notAsked))
    }
}
