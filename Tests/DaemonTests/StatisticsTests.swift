import Testing

@testable import Daemon
@testable import Mobility

@Suite struct StatisticsTests {
    @Test func eachTypeAndOutcomeHasACounterOfItsOwn() {
        var counters = RequestCounters()
        var number = 0
        for type in ContinuityType.allCases {
            for outcome in RequestOutcome.allCases {
                number += 1
                for _ in 0..<number { counters.count(type, outcome) }
            }
        }
        number = 0
        for type in ContinuityType.allCases {
            for outcome in RequestOutcome.allCases {
                number += 1
                #expect(counters[type, outcome] == number)
            }
        }
    }

    @Test func aGrantIsCountedOnceAndTimed() {
        let statistics = Statistics()
        statistics.countGrant(.fixed, .hit, microseconds: 7)
        statistics.countGrant(.fixed, .network, microseconds: 5_000)
        #expect(statistics.requests[.fixed, .granted] == 2)
        #expect(statistics.granted == 2)
        #expect(statistics.refused == 0)
        #expect(
            GrantPath.allCases.map { statistics.requests.latency(of: $0).sumMicroseconds } == [7, 0, 5_000])
    }

    @Test func misrequestsAreRefusedCancelledOnesAreNeither() {
        let statistics = Statistics()
        statistics.count(.fixed, .timedOut)
        statistics.count(.nonPersistent, .cancelled)
        statistics.countMisrequest()
        #expect(statistics.granted == 0)
        #expect(statistics.refused == 2)
    }

    @Test func whatIsNeitherGrantedNorCancelledIsRefused() {
        #expect(RequestOutcome.allCases.filter { !$0.isRefusal } == [.granted, .cancelled])
        #expect(Set(RequestOutcome.allCases.map(\.name)).count == RequestOutcome.allCases.count)
        #expect(RequestOutcome(.refused(.timedOut)).isRefusal)
    }

    @Test func sourcesAreCountedByName() {
        let statistics = Statistics()
        let lease = LeasedPrefix(id: LeaseID(1), source: "a", type: .fixed, prefix: "2001:db8::/64")
        statistics.countQuestion(to: "a")
        statistics.count(.granted(lease), of: "a")
        statistics.count(.withdrawn(lease.id, explanation: ""), of: "a")
        statistics.countQuestion(to: "b")
        statistics.count(.refused(LeaseID(2), .timedOut, explanation: ""), of: "b")
        #expect(
            statistics.sources == [
                "a": SourceCounters(questions: 1, grants: 1, withdrawals: 1),
                "b": SourceCounters(questions: 1, refusals: 1),
            ])
        statistics.keepSources { $0 == "b" }
        #expect(statistics.sources.keys.sorted() == ["b"])
    }

    @Test func addressesAreCountedByTypeAndState() {
        var census = AddressCensus()
        census.count(outline(.active, sockets: 3))
        census.count(outline(.lingering))
        census.count(outline(.active, isEnding: true, sockets: 1))
        census.count(outline(.lingering, isEnding: true, hasEnded: true))
        #expect(census[.fixed, .active] == 1)
        #expect(census[.fixed, .lingering] == 1)
        #expect(census[.fixed, .deprecated] == 1)
        #expect(census[.fixed, .ended] == 1)
        #expect(census[.sessionLasting, .active] == 0)
        #expect(census.sockets.fixed == 4)
    }

    private func outline(
        _ state: AddressState, isEnding: Bool = false, hasEnded: Bool = false, sockets: Int = 0
    ) -> AddressOutline {
        AddressOutline(type: .fixed, state: state, isEnding: isEnding, hasEnded: hasEnded, sockets: sockets)
    }
}
