import Mobility
import Testing

/// A request for which nobody has a prefix yet: who is asked, for how long, and what if nothing comes of it.
@Suite struct QuestionTests {
    private let prefix: IPv6Prefix = "2001:db8:1::/56"

    // MARK: Who waits for which answer

    @Test func manyRequestsThatCanBeAnsweredTogetherAreOneQuestion() throws {
        var world = World.asking(.servers())
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        #expect(
            asked
                == PrefixRequest(
                    id: asked.id, source: "provider", type: .sessionLasting, interface: "wlan0"))
        #expect(world.ask(.sessionLasting, cookie: 2).asked == [])
        #expect(world.ask(.sessionLasting, cookie: 3).asked == [])
        // Another type is another question.
        #expect(world.ask(.fixed, cookie: 4).asked.map(\.type) == [.fixed])

        let done = world.perform(world.grant(asked, prefix))
        let address = try #require(done.grantedAddress)
        let grant = Answer.granted(Grant(address: address, type: .sessionLasting))
        #expect(
            done.filter { if case .answer = $0 { true } else { false } } == [
                .answer(request(1), grant), .answer(request(2), grant), .answer(request(3), grant),
            ])
    }

    @Test func onNetHasAQuestionAndAPrefixOfItsOwn() throws {
        var world = World.asking(.servers())
        let shared = world.getLeased(prefix, cookie: 1)
        let first = try #require(world.ask(.sessionLasting, cookie: 2, onNet: true).asked.first)
        let second = try #require(world.ask(.sessionLasting, cookie: 3, onNet: true).asked.first)
        #expect(first.isOnNet && second.isOnNet && first.id != second.id)

        let own: IPv6Prefix = "2001:db8:2::/64"
        let address = try #require(world.perform(world.grant(first, own)).grantedAddress)
        #expect(own.contains(address))
        // The next who asks for no prefix of his own gets the one that is shared.
        #expect(world.get(.sessionLasting, cookie: 4) == shared.address)
        #expect(world.perform(world.grant(second, "2001:db8:3::/64")).answers.count == 1)
    }

    @Test func aPrefixThatOnNetGotIsCutForNobodyElse() {
        var world = World.asking(.servers()) { $0.types.sessionLasting.share = .socket }
        _ = world.getLeased(prefix, cookie: 1, onNet: true)
        #expect(world.ask(.sessionLasting, cookie: 2).asked.count == 1)
    }

    // MARK: One candidate after the other

    @Test func candidatesAreAskedInTheOrderOfTheConfigurationAndOnTheBestUplinkFirst() throws {
        var world = World.asking(.servers(on: ["*"]), .program()) {
            $0.sources.append(
                Source(name: "home", types: [.sessionLasting], prefixes: ["2001:db8:a::/56"]))
        }
        _ = world.tell(
            .routerFound(Router(interfaceIndex: World.ethernet, address: "fe80::1", metric: 100)))
        _ = world.tell(.routerFound(Router(interfaceIndex: World.uplink, address: "fe80::1", metric: 600)))
        var asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        #expect(asked.source == "provider" && asked.interface == "eth0")
        asked = try #require(world.tell(.prefixRefused(asked.id, .networkRefused)).asked.first)
        #expect(asked.source == "provider" && asked.interface == "wlan0")
        asked = try #require(world.tell(.prefixRefused(asked.id, .networkRefused)).asked.first)
        #expect(asked.source == "modem" && asked.interface == nil)
        let plan = try #require(world.tell(.prefixRefused(asked.id, .networkRefused)).planned)
        #expect(IPv6Prefix("2001:db8:a::/56").contains(plan.address))
    }

    @Test func theReasonOfTheLastIsAnswered() throws {
        var world = World.asking(.servers(), .program())
        let first = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        let second = try #require(world.tell(.prefixRefused(first.id, .networkRefused)).asked.first)
        #expect(
            world.tell(.prefixRefused(second.id, .exhausted)) == [
                .answer(request(1), .refused(.exhausted))
            ])
    }

    @Test func aLinkWithoutCarrierIsNotAsked() {
        var world = World.asking(.servers())
        _ = world.tell(.linkFound(index: World.uplink, name: "wlan0", isUp: true, isRunning: false))
        #expect(world.ask(.sessionLasting, cookie: 1) == [.answer(request(1), .refused(.noNetwork))])
        _ = world.tell(.linkFound(index: World.uplink, name: "wlan0", isUp: true))
        #expect(world.ask(.sessionLasting, cookie: 1).asked.count == 1)
    }

    @Test func whoIsOnALinkThatGoesIsAskedNoLonger() throws {
        var world = World.asking(.servers(), .program())
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        let actions = world.tell(.linkGone(index: World.uplink))
        #expect(actions.said == [.cancel(asked.id)])
        #expect(actions.asked.map(\.source) == ["modem"])
    }

    // MARK: Patience

    @Test func everyCandidateHasItsTurnBeforeTheDeadline() throws {
        var world = World.asking(.servers("a", on: ["*"]), .servers("b"), .program("c"))
        var asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        // A quarter of 10 s, a third of what is left, half of what is left.
        for (source, interface) in [("a", "eth0"), ("b", "wlan0"), ("c", nil)] as [(String, InterfaceName?)] {
            #expect(world.pass(.milliseconds(2_499)) == [])
            let actions = world.pass(.milliseconds(1))
            #expect(actions.said == [.cancel(asked.id)])
            asked = try #require(actions.asked.first)
            #expect(asked.source == source && asked.interface == interface)
        }
        #expect(world.pass(.milliseconds(2_499)) == [])
        let actions = world.pass(.milliseconds(1))
        #expect(actions.said == [.cancel(asked.id)])
        #expect(actions.answers == [.refused(.timedOut)])
    }

    @Test func whoJoinsAnOldQuestionGetsToTheNextCandidateToo() throws {
        // The only candidate has all the time of the first request.
        var world = World.asking(.servers("a"), .servers("b", on: ["usb0"]))
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        _ = world.pass(.seconds(9))
        _ = world.tell(.linkFound(index: 9, name: "usb0", isUp: true))
        #expect(world.ask(.sessionLasting, cookie: 2).asked == [])
        #expect(world.pass(.seconds(1)).answers == [.refused(.timedOut)])
        let actions = world.pass(.seconds(4))
        #expect(actions.said == [.cancel(asked.id)])
        #expect(actions.asked.map(\.source) == ["b"])
    }

    @Test func promise5_aShorterTimeoutIsForTheNextRequestAlready() {
        var world = World.asking(.servers())
        _ = world.ask(.sessionLasting, cookie: 1)
        _ = world.reconfigure { $0.requestTimeout = .seconds(2) }
        _ = world.ask(.sessionLasting, cookie: 2)
        #expect(world.pass(.seconds(2)).contains(.answer(request(2), .refused(.timedOut))))
        #expect(world.pass(.seconds(8)).contains(.answer(request(1), .refused(.timedOut))))
    }

    // MARK: Nobody waits any more

    @Test func aQuestionIsCancelledWithTheLastWhoWaitsAndALateAnswerIsGivenBack() throws {
        var world = World.asking(.servers())
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        _ = world.ask(.sessionLasting, cookie: 2)
        #expect(world.tell(.requestCancelled(request(1))) == [])
        #expect(world.tell(.requestCancelled(request(2))) == [.network(.cancel(asked.id))])
        #expect(world.grant(asked, prefix) == [.network(.giveBack(asked.id))])
        #expect(world.tell(.prefixRefused(asked.id, .networkRefused)) == [])
        #expect(world.pass(.seconds(20)) == [.stopFollowingSocketDeaths])
    }

    @Test func promise2_aSocketThatDiesBeforeTheAnswerKeepsNothing() throws {
        var world = World.asking(.servers())
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        #expect(
            world.tell(.socketDestroyed(1)) == [
                .answer(request(1), .refused(.socketDestroyed)), .network(.cancel(asked.id)),
            ])
    }

    @Test func promise2_aSocketWhoseDeathWasMissedWhileItWaitedIsLookedFor() throws {
        // The address is there at once, without the kernel.
        var world = World.asking(.servers(place: .route))
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        _ = world.tell(.socketDeathsLost)
        #expect(world.perform(world.grant(asked, prefix)).grantedAddress != nil)
        #expect(world.perform(world.pass(.seconds(1))).contains(.findHolders))
        #expect(world.rules.suspects.map(\.cookie) == [1])
    }

    // MARK: Bounds

    @Test func promise6_addressesAndOpenQuestionsAreBoundedTogether() throws {
        var world = World.asking(.servers(maxAddresses: 3)) { $0.types.sessionLasting.share = .socket }
        _ = world.getLeased("2001:db8:1::/64", cookie: 1, onNet: true)
        let second = try #require(world.ask(.sessionLasting, cookie: 2, onNet: true).asked.first)
        #expect(world.ask(.sessionLasting, cookie: 3, onNet: true).asked.count == 1)
        #expect(world.ask(.sessionLasting, cookie: 4, onNet: true).answers == [.refused(.exhausted)])
        // Who is refused makes room.
        #expect(world.tell(.prefixRefused(second.id, .networkRefused)).answers == [.refused(.networkRefused)])
        _ = world.pass(.seconds(1))
        #expect(world.ask(.sessionLasting, cookie: 5, onNet: true).asked.count == 1)
    }

    @Test func promise6_manyWhoWaitForOnePrefixGetNoMoreOfItThanTheSourceMayGive() throws {
        var world = World.asking(.servers(maxAddresses: 2)) { $0.types.sessionLasting.share = .socket }
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        for cookie in 2...5 { #expect(world.ask(.sessionLasting, cookie: SocketCookie(cookie)).asked == []) }
        let answers = world.perform(world.grant(asked, prefix)).answers
        #expect(answers.count == 5)
        #expect(answers.count { $0 == .refused(.exhausted) } == 3)
    }

    // MARK: A new configuration

    @Test func anOpenQuestionFollowsItsSource() throws {
        var world = World.asking(.servers("a", types: [.fixed]), .servers("b"))
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        let actions = world.reconfigure { $0.sources.remove(at: 0) }
        #expect(actions.asked == [] && actions.said == [])
        #expect(world.perform(world.grant(asked, prefix)).grantedAddress != nil)
        #expect(world.rules.sourceSummaries().map(\.addresses) == [1])
    }

    @Test(
        arguments: [
            { $0.sources.remove(at: 0) },
            { $0.sources[0].types = [.fixed] },
            { $0.sources[0].uplinks = ["eth*"] },
            { $0.sources[0] = .program("provider", types: [.sessionLasting]) },
        ] as [@Sendable (inout Configuration) -> Void])
    func whoIsNotAskedAnyLongerAnswersNothing(_ change: @Sendable (inout Configuration) -> Void) throws {
        var world = World.asking(.servers(), .program("next"))
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        let actions = world.reconfigure(change)
        #expect(actions.said == [.cancel(asked.id)])
        #expect(actions.asked.count == 1)
        #expect(world.grant(asked, prefix) == [.network(.giveBack(asked.id))])
    }

    @Test func aSourceThatIsNewHasItsTurnBeforeTheDeadlineOfWhoWaitsAlready() throws {
        var world = World.asking(.servers("silent"))
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        _ = world.pass(.seconds(2))
        #expect(world.reconfigure { $0.sources.append(.program("new")) }.said == [])
        // Half of what is left.
        #expect(world.pass(.milliseconds(3_999)) == [])
        let actions = world.pass(.milliseconds(1))
        #expect(actions.said == [.cancel(asked.id)])
        #expect(actions.asked.map(\.source) == ["new"])
    }

    @Test func whoWaitsForALinkWithoutCarrierIsTakenElsewhereByANewConfiguration() throws {
        var world = World.asking(.servers("a", on: ["wlan0"]), .servers("b", on: ["eth0"]))
        let first = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        let second = try #require(world.tell(.prefixRefused(first.id, .networkRefused)).asked.first)
        #expect(second.interface == "eth0")
        _ = world.tell(.linkFound(index: World.ethernet, name: "eth0", isUp: true, isRunning: false))
        let actions = world.reconfigure { _ in }
        #expect(actions.said == [.cancel(second.id)])
        #expect(actions.asked.map(\.interface) == ["wlan0"])
    }

    @Test func whoWasRefusedBeforeANewConfigurationIsAskedAgainBeforeTheDeadline() throws {
        var world = World.asking(.servers("a", on: ["wlan0"]), .servers("b", on: ["eth0"]))
        let first = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        let second = try #require(world.tell(.prefixRefused(first.id, .networkRefused)).asked.first)
        #expect(world.reconfigure { _ in }.said == [])
        // The link loses its carrier, so no answer comes: half of the time is left for the other.
        _ = world.tell(.linkFound(index: World.ethernet, name: "eth0", isUp: true, isRunning: false))
        let actions = world.pass(.seconds(5))
        #expect(actions.said == [.cancel(second.id)])
        #expect(actions.asked.map(\.source) == ["a"])
    }

    @Test func aProgramThatIsToldOfAnotherInterfaceIsAskedAnew() throws {
        var world = World.asking(.program(interface: "wlan0"))
        let asked = try #require(world.ask(.sessionLasting, cookie: 1).asked.first)
        let actions = world.reconfigure { $0.sources[0].interface = "eth0" }
        #expect(actions.said == [.cancel(asked.id)])
        #expect(actions.asked.map(\.interface) == ["eth0"])
    }
}
