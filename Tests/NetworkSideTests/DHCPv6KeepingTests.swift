import Mobility
import NetworkSide
import Testing

/// From a lease to its next, or to its end. T1 is 40 s, T2 64 s, the end 100 s after the beginning.
@Suite("Keeping a DHCPv6 lease") struct DHCPv6KeepingTests {
    private typealias Client = DHCPv6Client
    private let hundred = DHCPv6Client.hundred
    private let other = DHCPv6Client.other

    private func renewing() -> Client {
        var client = Client.bound()
        #expect(client.waitForDeadline() == [])
        #expect(client.sent.kind == .renew)
        return client
    }

    private func rebinding() -> Client {
        var client = Client.bound()
        #expect(client.rebind() == [])
        #expect(client.sent.kind == .rebind)
        return client
    }

    private func requestingAnew() -> Client {
        var client = renewing()
        #expect(client.hear(client.answer(.reply, []) { $0.status = DHCPv6Status(.noBinding) }) == [])
        #expect(client.sent.kind == .request)
        return client
    }

    // MARK: Time

    @Test func renewedAtT1() {
        var client = Client.bound()
        let start = client.now
        #expect(client.wait(.seconds(39)) == [])
        #expect(client.sent.kind == .solicit)
        #expect(client.waitForDeadline() == [])
        #expect(client.now == start + .seconds(40))
        #expect(client.sent.kind == .renew)
        #expect(client.hear(client.answer(.reply, [hundred])) == [.changed(client.lease(hundred))])
        #expect(client.association.nextDeadline == client.now + .seconds(40))
    }

    @Test func aSilentServerIsAskedThenAllAreThenItIsLost() {
        var client = Client.bound()
        let start = client.now
        #expect(client.wait(.seconds(63)) == [])
        #expect(client.sent.kind == .renew)
        #expect(client.wait(.seconds(2)) == [])
        #expect(client.sent.kind == .rebind)
        #expect(client.wait(.seconds(34)) == [])
        #expect(client.association.lease != nil)
        #expect(client.waitForDeadline() == [.lost(.expired), .ended])
        #expect(client.now == start + .seconds(100))
        #expect(client.association.nextDeadline == nil)
    }

    @Test func anotherServerCanProlongIt() {
        var client = Client.bound()
        _ = client.wait(.seconds(65))
        #expect(client.sent.kind == .rebind)
        #expect(
            client.hear(client.answer(.reply, [hundred], from: Client.otherServer))
                == [.changed(client.lease(hundred, from: Client.otherServer))])
        _ = client.wait(.seconds(41))
        #expect(client.sent.kind == .renew)
        #expect(client.sent.serverIdentifier == Client.otherServer)
    }

    @Test func aMachineThatSleptForTooLongHasLostIt() {
        var client = Client.bound()
        client.now = client.now + .seconds(1000)
        #expect(client.waitForDeadline() == [.lost(.expired), .ended])
    }

    @Test func aMachineThatSleptPastT2AsksAll() {
        var client = Client.bound()
        client.now = client.now + .seconds(70)
        #expect(client.waitForDeadline() == [])
        #expect(client.sent.kind == .rebind)
    }

    @Test func anInfiniteLeaseIsKeptForEver() {
        let infinite = IdentityAssociation.Assignment(
            hundred.prefix, preferredSeconds: .max, validSeconds: .max)
        #expect(Client.bound(infinite).association.nextDeadline == nil)
    }

    @Test func aLeaseOfASecondIsRenewedAfterHalfOfIt() {
        let second = IdentityAssociation.Assignment(hundred.prefix, preferredSeconds: 1, validSeconds: 1)
        var client = Client.bound(second)
        let start = client.now
        #expect(client.waitForDeadline() == [])
        #expect(client.now == start + .milliseconds(500))
        #expect(client.hear(client.answer(.reply, [second])) == [.changed(client.lease(second))])
        #expect(client.wait(.seconds(1)) == [.lost(.expired), .ended])
    }

    @Test func deadlinesMayBeAnnouncedTooEarly() {
        var client = Client.bound()
        let deadline = client.association.nextDeadline
        var outputs: [DHCPv6Association.Output] = []
        client.association.deadlineReached(at: client.now, &outputs)
        #expect(outputs == [])
        #expect(client.association.nextDeadline == deadline)
    }

    // MARK: What a server says

    @Test func onlyValidZeroTakesItAway() {
        for asking in [renewing(), rebinding()] {
            var client = asking
            var gone = hundred
            (gone.preferredSeconds, gone.validSeconds) = (0, 0)
            #expect(client.hear(client.answer(.reply, [gone])) == [.lost(.withdrawn), .ended])
        }
    }

    @Test func whatIsGivenInsteadIsGivenBack() {
        var client = renewing()
        var gone = hundred
        (gone.preferredSeconds, gone.validSeconds) = (0, 0)
        #expect(client.hear(client.answer(.reply, [gone, other])) == [.lost(.withdrawn)])
        #expect(client.sent.kind == .release)
        #expect(client.sent.associations[0].assignments.map(\.prefix) == [other.prefix])
        #expect(client.association.lease == nil)
        #expect(client.hear(client.answer(.reply, nil)) == [.ended])
    }

    @Test func aPrefixThatDoesNotBelongHereIsLost() {
        var client = rebinding()
        let answer = client.answer(.reply, []) { $0.associations[0].status = DHCPv6Status(.notOnLink) }
        #expect(client.hear(answer) == [.lost(.notOnLink), .ended])
    }

    @Test(arguments: [
        DHCPv6Status.Code.unspecifiedFailure, .useMulticast, .noPrefixAvailable, .noAddressesAvailable,
        .other(7),
    ])
    func otherFailuresLeaveEverythingAsItIs(code: DHCPv6Status.Code) {
        let status = DHCPv6Status(code)
        let places: [(inout DHCPv6Message) -> Void] = [
            { $0.status = status }, { $0.associations[0].status = status },
            { $0.associations[0].assignments[0].status = status },
        ]
        for place in places {
            var client = renewing()
            let due = client.association.nextDeadline
            #expect(client.hear(client.answer(.reply, [hundred], place)) == [])
            #expect(client.reception == .ignored(.notProlonged(.status(status))))
            #expect(client.association.nextDeadline == due)
        }
    }

    @Test func answersThatSayNothingOfItLeaveItAsItIs() {
        var tooPreferred = hundred
        tooPreferred.preferredSeconds = 101
        let answers: [([IdentityAssociation.Assignment]?, UInt32, DHCPv6Reception.Reason)] = [
            (nil, 0, .noAssociation), ([], 0, .noAssignment), ([other], 0, .noAssignment),
            ([tooPreferred], 0, .noAssignment), ([hundred], 50, .timesOutOfOrder),
        ]
        for (prefixes, renewal, reason) in answers {
            var client = renewing()
            #expect(client.hear(client.answer(.reply, prefixes, renewal: renewal, rebinding: 49)) == [])
            #expect(client.reception == .ignored(reason))
            #expect(client.hear(client.answer(.reply, [hundred])) == [.changed(client.lease(hundred))])
        }
    }

    @Test func aPrefixOfAnotherTypeIsNotProlonged() {
        var client = Client.bound(telling: .continuityOption(code: 65_001))
        _ = client.waitForDeadline()
        var changed = hundred
        changed.continuityCode = 3
        #expect(client.hear(client.answer(.reply, [changed])) == [])
        #expect(client.reception == .ignored(.notProlonged(.otherType(.fixed))))
    }

    // MARK: NoBinding

    @Test func aServerThatHasForgottenIsAskedForTheSame() {
        let places: [(inout DHCPv6Message) -> Void] = [
            { $0.status = DHCPv6Status(.noBinding) },
            { $0.associations[0].status = DHCPv6Status(.noBinding) },
            {
                $0.associations[0].assignments = [hundred]
                $0.associations[0].assignments[0].status = DHCPv6Status(.noBinding)
            },
        ]
        for (place, asking) in places.flatMap({ place in [renewing(), rebinding()].map { (place, $0) } }) {
            var client = asking
            #expect(client.hear(client.answer(.reply, [], place)) == [])
            #expect(client.sent.kind == .request)
            #expect(client.sent.serverIdentifier == Client.server)
            #expect(client.sent.associations[0].assignments.map(\.prefix) == [hundred.prefix])
            #expect(client.hear(client.answer(.reply, [hundred])) == [.changed(client.lease(hundred))])
        }
    }

    @Test func ifItGivesAnotherTheLeaseIsLost() {
        var client = requestingAnew()
        #expect(client.hear(client.answer(.reply, [other])) == [.lost(.replaced(by: other.prefix))])
        #expect(client.sent.kind == .release)
        #expect(client.sent.associations[0].assignments.map(\.prefix) == [other.prefix])
        #expect(client.wait(.seconds(60)) == [.ended])
    }

    @Test func ifItGivesNothingTheLeaseIsLost() {
        var client = requestingAnew()
        let status = DHCPv6Status(.noPrefixAvailable)
        #expect(
            client.hear(client.answer(.reply, []) { $0.associations[0].status = status })
                == [.lost(.forgotten(.status(status))), .ended])
    }

    @Test func ifItFallsSilentTheLeaseHoldsWhileItIsValid() {
        let long = IdentityAssociation.Assignment(
            hundred.prefix, preferredSeconds: 80_000, validSeconds: 100_000)
        var client = Client.bound(long)
        _ = client.waitForDeadline()
        _ = client.hear(client.answer(.reply, nil) { $0.status = DHCPv6Status(.noBinding) })
        #expect(client.sent.kind == .request)
        #expect(client.wait(.seconds(240)) == [])
        #expect(client.sent.kind == .renew)
        #expect(client.association.lease?.prefix == hundred.prefix)
    }

    @Test func itExpiresWhileItIsAskedForAnew() {
        var client = requestingAnew()
        #expect(client.wait(.seconds(61)) == [.lost(.expired), .ended])
    }

    // MARK: Moves and restarts

    @Test func afterAMoveAllAreAskedAtOnce() {
        var client = rebinding()
        let start = client.now
        #expect(client.hear(client.answer(.reply, [hundred])) == [.changed(client.lease(hundred))])
        #expect(client.now == start)
    }

    @Test func ifNobodyAnswersAfterAMoveTheLeaseHolds() {
        var client = rebinding()
        let lease = client.association.lease
        let start = client.now
        #expect(client.wait(.seconds(20)) == [])
        #expect(client.association.lease == lease)
        #expect(client.association.nextDeadline == start + .seconds(40))
        #expect(3...6 ~= client.sentCount)
        #expect(client.wait(.seconds(21)) == [])
        #expect(client.sent.kind == .renew)
    }

    @Test func aStoredLeaseIsAskedForWithinASecond() {
        let stored = Client.bound().lease(hundred)
        for seed: UInt64 in 1...20 {
            var client = Client(seed: seed)
            let start = client.now
            #expect(client.resume(stored) == [])
            #expect(client.sentCount == 0)
            #expect(client.association.lease == stored)
            #expect(client.waitForDeadline() == [])
            #expect(client.now <= start + .seconds(1))
            #expect(client.sent.kind == .rebind)
            #expect(client.sent.elapsedTime == 0)
            #expect(client.hear(client.answer(.reply, [hundred])) == [.changed(client.lease(hundred))])
        }
    }

    @Test func aStoredLeaseThatNobodyConfirmsHoldsToItsEnd() {
        var client = Client()
        let stored = Client.bound().lease(hundred).aged(bySeconds: 70, now: client.now)
        #expect(client.resume(stored) == [])
        #expect(client.wait(.seconds(29)) == [])
        #expect(client.sent.kind == .rebind)
        #expect(client.wait(.seconds(1)) == [.lost(.expired), .ended])
    }

    @Test func aStoredLeaseThatHasExpiredIsLost() {
        var client = Client()
        let stored = Client.bound().lease(hundred).aged(bySeconds: 100, now: client.now)
        #expect(client.resume(stored) == [.lost(.expired), .ended])
        #expect(client.sentCount == 0)
    }
}
