import Mobility
import NetworkSide
import Testing

/// From Solicit to a lease or to a refusal.
@Suite("Getting a DHCPv6 lease") struct DHCPv6AcquiringTests {
    private typealias Client = DHCPv6Client
    private let hundred = DHCPv6Client.hundred
    private let other = DHCPv6Client.other

    private func soliciting(_ conveyance: Conveyance = .none, hint: IPv6Prefix? = nil) -> Client {
        var client = Client(conveyance, hint: hint)
        #expect(client.solicit() == [])
        #expect(client.sent.kind == .solicit)
        return client
    }

    private func requesting() -> Client {
        var client = soliciting()
        #expect(client.hear(client.answer(.advertise, [hundred])) == [])
        #expect(client.waitForDeadline() == [])
        #expect(client.sent.kind == .request)
        return client
    }

    @Test func rapidCommitEndsItAtOnce() {
        var client = soliciting()
        #expect(client.hear(client.answer(.reply, [hundred])) == [.bound(client.lease(hundred))])
        #expect(client.association.lease == client.lease(hundred))
        #expect(client.sentCount == 1)
    }

    @Test func advertisesAreCollectedUntilTheFirstTimeout() throws {
        var client = soliciting()
        let start = client.now
        #expect(client.hear(client.answer(.advertise, [other])) == [])
        #expect(client.reception == .offer(other.prefix))
        #expect(
            client.hear(client.answer(.advertise, [hundred], from: Client.otherServer) { $0.preference = 1 })
                == [])
        #expect(client.sentCount == 1)
        #expect(client.waitForDeadline() == [])
        #expect(client.now > start + .seconds(1))
        #expect(client.sent.kind == .request)
        #expect(client.sent.serverIdentifier == Client.otherServer)
        #expect(client.sent.associations[0].assignments.map(\.prefix) == [hundred.prefix])
        #expect(
            client.hear(client.answer(.reply, [hundred], from: Client.otherServer))
                == [.bound(client.lease(hundred, from: Client.otherServer))])
    }

    @Test func preference255IsTakenAtOnce() {
        var client = soliciting()
        #expect(client.hear(client.answer(.advertise, [hundred]) { $0.preference = 255 }) == [])
        #expect(client.sent.kind == .request)
    }

    @Test func afterTheFirstTimeoutTheFirstOfferIsTakenAtOnce() {
        var client = soliciting()
        #expect(client.waitForDeadline() == [])
        #expect(client.sent.kind == .solicit)
        #expect(client.hear(client.answer(.advertise, [hundred])) == [])
        #expect(client.sent.kind == .request)
    }

    @Test func theReplyDecidesWhichPrefixItIs() {
        var client = requesting()
        #expect(client.hear(client.answer(.reply, [other])) == [.bound(client.lease(other))])
    }

    @Test func ofSeveralPrefixesTheRequestedOneIsTaken() {
        var client = requesting()
        #expect(client.hear(client.answer(.reply, [other, hundred])) == [.bound(client.lease(hundred))])
    }

    @Test func theHintIsTakenAmongSeveralPrefixes() {
        var client = soliciting(hint: other.prefix)
        #expect(client.hear(client.answer(.reply, [hundred, other])) == [.bound(client.lease(other))])
    }

    @Test func silenceIsNotTheEnd() {
        var client = soliciting()
        #expect(client.wait(.seconds(100_000)) == [])
        #expect(client.sent.kind == .solicit)
        #expect(client.sentCount > 30)
    }

    @Test(arguments: [
        DHCPv6Status(.noPrefixAvailable), DHCPv6Status(.unspecifiedFailure, text: Array("no".utf8)),
        DHCPv6Status(.noAddressesAvailable), DHCPv6Status(.useMulticast), DHCPv6Status(.notOnLink),
        DHCPv6Status(.noBinding), DHCPv6Status(.other(99)),
    ])
    func aRefusalHoldsWhenNobodyElseHasOffered(status: DHCPv6Status) {
        let places: [(inout DHCPv6Message) -> Void] = [
            { $0.status = status },
            { $0.associations[0].status = status },
            {
                $0.associations[0].assignments = [hundred]
                $0.associations[0].assignments[0].status = status
            },
        ]
        for (kind, place) in [DHCPv6Message.Kind.advertise, .reply].flatMap({ kind in
            places.map { (kind, $0) }
        }) {
            var client = soliciting()
            #expect(client.hear(client.answer(kind, [], place)) == [])
            #expect(client.reception == .refusal(.status(status)))
            #expect(client.waitForDeadline() == [.refused(.status(status)), .ended])
            #expect(client.association.nextDeadline == nil)
            #expect(client.sentCount == 1)
        }
    }

    @Test func anOfferCountsMoreThanARefusal() {
        var client = soliciting()
        let refusal = client.answer(.advertise, nil, from: Client.otherServer) {
            $0.status = DHCPv6Status(.noPrefixAvailable)
            $0.preference = 255
        }
        #expect(client.hear(refusal) == [])
        #expect(client.hear(client.answer(.advertise, [hundred])) == [])
        #expect(client.waitForDeadline() == [])
        #expect(client.sent.serverIdentifier == Client.server)
    }

    @Test func aLateRefusalHoldsAtOnce() {
        var client = soliciting()
        #expect(client.waitForDeadline() == [])
        #expect(
            client.hear(client.answer(.advertise, [])) == [.refused(.nothingOffered), .ended])
    }

    @Test func aServerThatTakesItsOfferBackIsNotAskedAgain() {
        var client = requesting()
        let status = DHCPv6Status(.notOnLink)
        #expect(
            client.hear(client.answer(.reply, nil) { $0.status = status })
                == [.refused(.status(status)), .ended])
    }

    @Test func theNextBestOfferIsTakenAfterARefusal() {
        var client = soliciting()
        _ = client.hear(client.answer(.advertise, [hundred]) { $0.preference = 2 })
        _ = client.hear(client.answer(.advertise, [other], from: Client.otherServer) { $0.preference = 1 })
        _ = client.waitForDeadline()
        #expect(client.sent.serverIdentifier == Client.server)
        #expect(client.hear(client.answer(.reply, [])) == [])
        #expect(client.sent.serverIdentifier == Client.otherServer)
        let otherLease = client.lease(other, from: Client.otherServer)
        #expect(
            client.hear(client.answer(.reply, [other], from: Client.otherServer)) == [.bound(otherLease)])
    }

    @Test func theNextBestOfferIsTakenAfterTenUnansweredRequests() {
        var client = soliciting()
        _ = client.hear(client.answer(.advertise, [hundred]))
        _ = client.hear(client.answer(.advertise, [other], from: Client.otherServer))
        _ = client.waitForDeadline()
        for _ in 1...9 {
            #expect(client.waitForDeadline() == [])
            #expect(client.sent.serverIdentifier == Client.server)
        }
        #expect(client.waitForDeadline() == [])
        #expect(client.sent.kind == .request)
        #expect(client.sent.serverIdentifier == Client.otherServer)
    }

    @Test func withoutAnotherOfferItBeginsAnew() {
        var client = requesting()
        for _ in 1...9 { #expect(client.waitForDeadline() == []) }
        #expect(client.sent.kind == .request)
        #expect(client.waitForDeadline() == [])
        #expect(client.sent.kind == .solicit)
        #expect(client.sentCount == 12)
    }

    @Test(
        arguments: [
            // Seconds of SOL_MAX_RT, longest time between Solicits in days of silence.
            (nil, 3960), (60, 66), (59, 3960), (86_400, 95_040), (86_401, 3960),
        ] as [(UInt32?, Int)])
    func serversChooseTheLongestTimeBetweenSolicits(seconds: UInt32?, longest: Int) {
        var client = soliciting()
        _ = client.hear(client.answer(.advertise, nil) { $0.maxSolicitTimeoutSeconds = seconds })
        #expect(client.reception == .ignored(.noAssociation))
        var gap: Duration = .zero
        let start = client.now
        while client.now < start + .seconds(400_000) {
            let last = client.now
            _ = client.waitForDeadline()
            gap = max(gap, client.now.since(last))
        }
        #expect(gap <= .seconds(longest))
        #expect(gap > .seconds(longest) * 8 / 10)
    }

    // MARK: What is offered

    @Test(
        arguments: [
            ("::/16", 100, 100), ("2000::/15", 100, 100), ("ff02::/64", 100, 100), ("fe80::/64", 100, 100),
            ("::1/128", 100, 100), ("::ffff:0:0/112", 100, 100), ("fe00::/8", 100, 100),
        ] as [(String, UInt32, UInt32)])
    func prefixesThatCannotBeAreNotOffered(text: String, preferred: UInt32, valid: UInt32) {
        let nonsense = IdentityAssociation.Assignment(
            prefix(text), preferredSeconds: preferred, validSeconds: valid)
        var client = soliciting()
        #expect(client.hear(client.answer(.reply, [nonsense])) == [])
        #expect(client.reception == .refusal(.unusable(nonsense.prefix)))
        #expect(client.hear(client.answer(.reply, [nonsense, hundred])) == [.bound(client.lease(hundred))])
    }

    @Test(arguments: ["2001:db8:a::/48", "2001:db8:a::/60", "2001:db8::1/128", "fd00::/16", "64:ff9b:1::/48"])
    func otherPrefixesAre(text: String) {
        let offered = IdentityAssociation.Assignment(prefix(text), validSeconds: 1)
        var client = soliciting()
        #expect(client.hear(client.answer(.reply, [offered])) == [.bound(client.lease(offered))])
    }

    @Test(arguments: [(0, 0), (101, 100), (.max, 100), (1, 0)] as [(UInt32, UInt32)])
    func lifetimesThatCannotBeAreNotOffered(preferred: UInt32, valid: UInt32) {
        var client = soliciting()
        let offered = IdentityAssociation.Assignment(
            hundred.prefix, preferredSeconds: preferred, validSeconds: valid)
        #expect(client.hear(client.answer(.advertise, [offered])) == [])
        #expect(client.reception == .refusal(.nothingOffered))
    }

    @Test func anAssociationWithT1AfterT2IsIgnored() {
        var client = soliciting()
        let answer = client.answer(.reply, [hundred], renewal: 41, rebinding: 40)
        #expect(client.hear(answer) == [])
        #expect(client.reception == .ignored(.timesOutOfOrder))
    }

    // MARK: The continuity option

    @Test(arguments: [nil, 0, 2, 5, 255] as [UInt8?])
    func aPrefixOfTheTypeOrOfNoneIsTaken(code: UInt8?) {
        var client = soliciting(.continuityOption(code: 65_001))
        var offered = hundred
        offered.continuityCode = code
        #expect(client.hear(client.answer(.reply, [offered])) == [.bound(client.lease(hundred))])
    }

    @Test(
        arguments: [(1, .nonPersistent), (3, .fixed), (4, .gracefulReplacement)] as [(UInt8, ContinuityType)])
    func aPrefixOfAnotherTypeIsRefused(code: UInt8, type: ContinuityType) {
        var client = soliciting(.continuityOption(code: 65_001))
        var offered = hundred
        offered.continuityCode = code
        #expect(client.hear(client.answer(.reply, [offered])) == [])
        #expect(client.reception == .refusal(.otherType(type)))
        #expect(client.waitForDeadline() == [.refused(.otherType(type)), .ended])
    }

    @Test func whereItsNumberIsUnknownTheOptionIsNotSeen() {
        var client = soliciting(.userClass)
        var offered = hundred
        offered.continuityCode = 3
        #expect(client.hear(client.answer(.reply, [offered])) == [.bound(client.lease(hundred))])
    }

    @Test func anAddressIsHadInTheSameWay() {
        var client = Client(content: .nonTemporaryAddress)
        #expect(client.solicit() == [])
        let address = DHCPv6Client.hundredAddress
        #expect(client.hear(client.answer(.reply, [address])) == [.bound(client.lease(address))])
    }

    @Test func aMoveWhileAskingBeginsAnew() {
        var client = requesting()
        #expect(client.rebind() == [])
        #expect(client.sent.kind == .solicit)
    }
}
