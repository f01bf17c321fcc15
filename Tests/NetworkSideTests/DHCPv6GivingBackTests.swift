import Mobility
import NetworkSide
import Testing

/// From a lease that nobody needs to the end, and what happens when the wish comes at a bad time.
@Suite("Giving a DHCPv6 lease back") struct DHCPv6GivingBackTests {
    private typealias Client = DHCPv6Client
    private let hundred = DHCPv6Client.hundred

    @Test(arguments: [nil, .success, .noBinding, .unspecifiedFailure] as [DHCPv6Status.Code?])
    func anyReplyEndsARelease(code: DHCPv6Status.Code?) {
        var client = Client.bound()
        #expect(client.release() == [])
        #expect(client.association.lease == nil)
        let answer = client.answer(.reply, nil) { $0.status = code.map { DHCPv6Status($0) } }
        #expect(client.hear(answer) == [.ended])
        #expect(client.association.nextDeadline == nil)
    }

    @Test func aReleaseThatIsNotAnsweredIsSentFourTimes() {
        var client = Client.bound()
        #expect(client.release() == [])
        let start = client.now
        for _ in 1...3 {
            #expect(client.waitForDeadline() == [])
            #expect(client.sent.kind == .release)
        }
        #expect(client.waitForDeadline() == [.ended])
        #expect(client.sentCount == 1 + 4)
        #expect(12...18 ~= client.now.since(start) / .seconds(1))
    }

    @Test func itIsReleasedWhileItIsRenewed() {
        var client = Client.bound()
        _ = client.waitForDeadline()
        let renewal = client.answer(.reply, [hundred])
        #expect(client.release() == [])
        #expect(client.sent.kind == .release)
        #expect(client.hear(renewal) == [])
        #expect(client.reception == .ignored(.otherTransaction))
    }

    @Test func whatIsRequestedIsReleased() {
        var client = Client()
        _ = client.solicit()
        _ = client.hear(client.answer(.advertise, [hundred]) { $0.preference = 255 })
        #expect(client.release() == [])
        #expect(client.sent.kind == .release)
        #expect(client.sent.serverIdentifier == Client.server)
        #expect(client.sent.associations[0].assignments.map(\.prefix) == [hundred.prefix])
        #expect(client.wait(.seconds(20)) == [.ended])
    }

    @Test func aReplyThatComesTooLateIsReleased() {
        var client = Client()
        _ = client.solicit()
        #expect(client.release() == [])
        #expect(client.hear(client.answer(.advertise, [hundred])) == [])
        #expect(client.reception == .ignored(.notAsked))
        #expect(client.hear(client.answer(.reply, [hundred])) == [])
        #expect(client.sent.kind == .release)
        #expect(client.hear(client.answer(.reply, nil)) == [.ended])
    }

    @Test func whatNobodyAnsweredEndsASecondLater() {
        var client = Client()
        _ = client.solicit()
        _ = client.hear(client.answer(.advertise, [hundred]))
        let start = client.now
        #expect(client.release() == [])
        #expect(client.rebind() == [])
        #expect(client.release() == [])
        #expect(client.waitForDeadline() == [.ended])
        #expect(client.now == start + .seconds(1))
        #expect(client.sentCount == 1)
    }

    @Test func whatWasNotAskedEndsAtOnce() {
        var client = Client()
        #expect(client.release() == [.ended])
        #expect(client.release() == [])
    }

    @Test func aDuplicateIsDeclined() {
        var client = Client.bound(DHCPv6Client.hundredAddress)
        #expect(client.decline() == [])
        #expect(client.sent.kind == .decline)
        #expect(client.association.lease == nil)
        #expect(client.hear(client.answer(.reply, nil)) == [.ended])
    }

    @Test func aDeclineThatIsNotAnsweredIsSentFourTimes() {
        var client = Client.bound(DHCPv6Client.hundredAddress)
        #expect(client.decline() == [])
        #expect(client.wait(.seconds(20)) == [.ended])
        #expect(client.sentCount == 1 + 4)
    }

    @Test func whatHasBeenLostIsNotGivenBack() {
        var client = Client.bound(DHCPv6Client.hundredAddress)
        #expect(client.wait(.seconds(100)) == [.lost(.expired), .ended])
        let count = client.sentCount
        #expect(client.release() == [])
        #expect(client.decline() == [])
        #expect(client.rebind() == [])
        #expect(client.sentCount == count)
    }
}
