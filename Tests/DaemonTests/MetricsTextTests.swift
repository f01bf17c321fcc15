import Testing

@testable import Daemon
@testable import Mobility

@Suite struct MetricsTextTests {
    /// One of each thing that can be counted.
    private var snapshot: MetricsSnapshot {
        var snapshot = MetricsSnapshot(
            version: "0.1.0", startMilliseconds: 1_700_000_000_125, uptimeSeconds: 3600)
        snapshot.requests.countGrant(.fixed, .hit, microseconds: 25)
        snapshot.requests.countGrant(.sessionLasting, .network, microseconds: 1_500_000)
        snapshot.requests.count(.nonPersistent, .exhausted)
        snapshot.requests.misrequests = 3
        var counters = SourceCounters(questions: 4, grants: 3, refusals: 2, withdrawals: 1)
        snapshot.sources = [.init(name: "home", counters: counters)]
        counters.questions = 0
        snapshot.sources.append(.init(name: "a \"b\\\n", counters: counters))
        snapshot.census.count(
            AddressOutline(type: .fixed, state: .active, isEnding: false, hasEnded: false, sockets: 2))
        snapshot.overruns = 7
        snapshot.moves = 8
        snapshot.aborts = 9
        return snapshot
    }

    @Test func theWholeTextIsThis() { #expect(snapshot.text == Self.expected) }

    @Test func namesOfSourcesAreEscaped() {
        #expect(OpenMetricsText.escaped("a \"b\\\n") == #"a \"b\\\n"#)
    }

    @Test func onlySoManySourcesAreToldOf() throws {
        var configuration = Configuration()
        configuration.sources = (0..<300).map { Source(name: "s\($0)", kind: .helper, types: [.fixed]) }
        configuration.sources.insert(Source(name: "static", types: [.fixed]), at: 0)
        let secret = Secret(high: 0, low: 0)
        var snapshot = snapshot
        snapshot.fill(Statistics(), Rules(configuration: configuration, secret: secret, randomKey: secret))
        #expect(snapshot.sources.map(\.name) == (0..<MetricsSnapshot.mostSources).map { "s\($0)" })
        #expect(snapshot.text.utf8.count < 1 << 17)
    }

    private static let expected = ##"""
        # TYPE odmd_build info
        # HELP odmd_build What runs.
        odmd_build_info{version="0.1.0"} 1
        # TYPE odmd_start_time_seconds gauge
        # UNIT odmd_start_time_seconds seconds
        # HELP odmd_start_time_seconds When the daemon started, since 1970.
        odmd_start_time_seconds 1700000000.125
        # TYPE odmd_uptime_seconds gauge
        # UNIT odmd_uptime_seconds seconds
        # HELP odmd_uptime_seconds Time since then, sleep included.
        odmd_uptime_seconds 3600
        # TYPE odmd_requests counter
        # HELP odmd_requests Requests for an address, by what came of them.
        odmd_requests_total{type="fixed",outcome="granted"} 1
        odmd_requests_total{type="fixed",outcome="denied"} 0
        odmd_requests_total{type="fixed",outcome="over_quota"} 0
        odmd_requests_total{type="fixed",outcome="too_many_network_requests"} 0
        odmd_requests_total{type="fixed",outcome="no_source"} 0
        odmd_requests_total{type="fixed",outcome="exhausted"} 0
        odmd_requests_total{type="fixed",outcome="duplicate"} 0
        odmd_requests_total{type="fixed",outcome="no_network"} 0
        odmd_requests_total{type="fixed",outcome="network_refused"} 0
        odmd_requests_total{type="fixed",outcome="too_many_addresses"} 0
        odmd_requests_total{type="fixed",outcome="too_many_sockets"} 0
        odmd_requests_total{type="fixed",outcome="socket_destroyed"} 0
        odmd_requests_total{type="fixed",outcome="timed_out"} 0
        odmd_requests_total{type="fixed",outcome="kernel"} 0
        odmd_requests_total{type="fixed",outcome="cancelled"} 0
        odmd_requests_total{type="session-lasting",outcome="granted"} 1
        odmd_requests_total{type="session-lasting",outcome="denied"} 0
        odmd_requests_total{type="session-lasting",outcome="over_quota"} 0
        odmd_requests_total{type="session-lasting",outcome="too_many_network_requests"} 0
        odmd_requests_total{type="session-lasting",outcome="no_source"} 0
        odmd_requests_total{type="session-lasting",outcome="exhausted"} 0
        odmd_requests_total{type="session-lasting",outcome="duplicate"} 0
        odmd_requests_total{type="session-lasting",outcome="no_network"} 0
        odmd_requests_total{type="session-lasting",outcome="network_refused"} 0
        odmd_requests_total{type="session-lasting",outcome="too_many_addresses"} 0
        odmd_requests_total{type="session-lasting",outcome="too_many_sockets"} 0
        odmd_requests_total{type="session-lasting",outcome="socket_destroyed"} 0
        odmd_requests_total{type="session-lasting",outcome="timed_out"} 0
        odmd_requests_total{type="session-lasting",outcome="kernel"} 0
        odmd_requests_total{type="session-lasting",outcome="cancelled"} 0
        odmd_requests_total{type="non-persistent",outcome="granted"} 0
        odmd_requests_total{type="non-persistent",outcome="denied"} 0
        odmd_requests_total{type="non-persistent",outcome="over_quota"} 0
        odmd_requests_total{type="non-persistent",outcome="too_many_network_requests"} 0
        odmd_requests_total{type="non-persistent",outcome="no_source"} 0
        odmd_requests_total{type="non-persistent",outcome="exhausted"} 1
        odmd_requests_total{type="non-persistent",outcome="duplicate"} 0
        odmd_requests_total{type="non-persistent",outcome="no_network"} 0
        odmd_requests_total{type="non-persistent",outcome="network_refused"} 0
        odmd_requests_total{type="non-persistent",outcome="too_many_addresses"} 0
        odmd_requests_total{type="non-persistent",outcome="too_many_sockets"} 0
        odmd_requests_total{type="non-persistent",outcome="socket_destroyed"} 0
        odmd_requests_total{type="non-persistent",outcome="timed_out"} 0
        odmd_requests_total{type="non-persistent",outcome="kernel"} 0
        odmd_requests_total{type="non-persistent",outcome="cancelled"} 0
        odmd_requests_total{type="graceful-replacement",outcome="granted"} 0
        odmd_requests_total{type="graceful-replacement",outcome="denied"} 0
        odmd_requests_total{type="graceful-replacement",outcome="over_quota"} 0
        odmd_requests_total{type="graceful-replacement",outcome="too_many_network_requests"} 0
        odmd_requests_total{type="graceful-replacement",outcome="no_source"} 0
        odmd_requests_total{type="graceful-replacement",outcome="exhausted"} 0
        odmd_requests_total{type="graceful-replacement",outcome="duplicate"} 0
        odmd_requests_total{type="graceful-replacement",outcome="no_network"} 0
        odmd_requests_total{type="graceful-replacement",outcome="network_refused"} 0
        odmd_requests_total{type="graceful-replacement",outcome="too_many_addresses"} 0
        odmd_requests_total{type="graceful-replacement",outcome="too_many_sockets"} 0
        odmd_requests_total{type="graceful-replacement",outcome="socket_destroyed"} 0
        odmd_requests_total{type="graceful-replacement",outcome="timed_out"} 0
        odmd_requests_total{type="graceful-replacement",outcome="kernel"} 0
        odmd_requests_total{type="graceful-replacement",outcome="cancelled"} 0
        # TYPE odmd_misrequests counter
        # HELP odmd_misrequests Requests that were none, or came in too great a number.
        odmd_misrequests_total 3
        # TYPE odmd_request_duration_seconds histogram
        # UNIT odmd_request_duration_seconds seconds
        # HELP odmd_request_duration_seconds Time to a grant, by what it took.
        odmd_request_duration_seconds_bucket{path="hit",le="1e-05"} 0
        odmd_request_duration_seconds_bucket{path="hit",le="2.5e-05"} 1
        odmd_request_duration_seconds_bucket{path="hit",le="5e-05"} 1
        odmd_request_duration_seconds_bucket{path="hit",le="0.0001"} 1
        odmd_request_duration_seconds_bucket{path="hit",le="0.00025"} 1
        odmd_request_duration_seconds_bucket{path="hit",le="0.0005"} 1
        odmd_request_duration_seconds_bucket{path="hit",le="0.001"} 1
        odmd_request_duration_seconds_bucket{path="hit",le="0.0025"} 1
        odmd_request_duration_seconds_bucket{path="hit",le="0.005"} 1
        odmd_request_duration_seconds_bucket{path="hit",le="0.01"} 1
        odmd_request_duration_seconds_bucket{path="hit",le="0.025"} 1
        odmd_request_duration_seconds_bucket{path="hit",le="0.05"} 1
        odmd_request_duration_seconds_bucket{path="hit",le="0.1"} 1
        odmd_request_duration_seconds_bucket{path="hit",le="0.25"} 1
        odmd_request_duration_seconds_bucket{path="hit",le="0.5"} 1
        odmd_request_duration_seconds_bucket{path="hit",le="1.0"} 1
        odmd_request_duration_seconds_bucket{path="hit",le="2.5"} 1
        odmd_request_duration_seconds_bucket{path="hit",le="5.0"} 1
        odmd_request_duration_seconds_bucket{path="hit",le="10.0"} 1
        odmd_request_duration_seconds_bucket{path="hit",le="+Inf"} 1
        odmd_request_duration_seconds_sum{path="hit"} 2.5e-05
        odmd_request_duration_seconds_count{path="hit"} 1
        odmd_request_duration_seconds_bucket{path="made",le="1e-05"} 0
        odmd_request_duration_seconds_bucket{path="made",le="2.5e-05"} 0
        odmd_request_duration_seconds_bucket{path="made",le="5e-05"} 0
        odmd_request_duration_seconds_bucket{path="made",le="0.0001"} 0
        odmd_request_duration_seconds_bucket{path="made",le="0.00025"} 0
        odmd_request_duration_seconds_bucket{path="made",le="0.0005"} 0
        odmd_request_duration_seconds_bucket{path="made",le="0.001"} 0
        odmd_request_duration_seconds_bucket{path="made",le="0.0025"} 0
        odmd_request_duration_seconds_bucket{path="made",le="0.005"} 0
        odmd_request_duration_seconds_bucket{path="made",le="0.01"} 0
        odmd_request_duration_seconds_bucket{path="made",le="0.025"} 0
        odmd_request_duration_seconds_bucket{path="made",le="0.05"} 0
        odmd_request_duration_seconds_bucket{path="made",le="0.1"} 0
        odmd_request_duration_seconds_bucket{path="made",le="0.25"} 0
        odmd_request_duration_seconds_bucket{path="made",le="0.5"} 0
        odmd_request_duration_seconds_bucket{path="made",le="1.0"} 0
        odmd_request_duration_seconds_bucket{path="made",le="2.5"} 0
        odmd_request_duration_seconds_bucket{path="made",le="5.0"} 0
        odmd_request_duration_seconds_bucket{path="made",le="10.0"} 0
        odmd_request_duration_seconds_bucket{path="made",le="+Inf"} 0
        odmd_request_duration_seconds_sum{path="made"} 0.0
        odmd_request_duration_seconds_count{path="made"} 0
        odmd_request_duration_seconds_bucket{path="network",le="1e-05"} 0
        odmd_request_duration_seconds_bucket{path="network",le="2.5e-05"} 0
        odmd_request_duration_seconds_bucket{path="network",le="5e-05"} 0
        odmd_request_duration_seconds_bucket{path="network",le="0.0001"} 0
        odmd_request_duration_seconds_bucket{path="network",le="0.00025"} 0
        odmd_request_duration_seconds_bucket{path="network",le="0.0005"} 0
        odmd_request_duration_seconds_bucket{path="network",le="0.001"} 0
        odmd_request_duration_seconds_bucket{path="network",le="0.0025"} 0
        odmd_request_duration_seconds_bucket{path="network",le="0.005"} 0
        odmd_request_duration_seconds_bucket{path="network",le="0.01"} 0
        odmd_request_duration_seconds_bucket{path="network",le="0.025"} 0
        odmd_request_duration_seconds_bucket{path="network",le="0.05"} 0
        odmd_request_duration_seconds_bucket{path="network",le="0.1"} 0
        odmd_request_duration_seconds_bucket{path="network",le="0.25"} 0
        odmd_request_duration_seconds_bucket{path="network",le="0.5"} 0
        odmd_request_duration_seconds_bucket{path="network",le="1.0"} 0
        odmd_request_duration_seconds_bucket{path="network",le="2.5"} 1
        odmd_request_duration_seconds_bucket{path="network",le="5.0"} 1
        odmd_request_duration_seconds_bucket{path="network",le="10.0"} 1
        odmd_request_duration_seconds_bucket{path="network",le="+Inf"} 1
        odmd_request_duration_seconds_sum{path="network"} 1.5
        odmd_request_duration_seconds_count{path="network"} 1
        # TYPE odmd_addresses gauge
        # HELP odmd_addresses Addresses that there are.
        odmd_addresses{type="fixed",state="acquiring"} 0
        odmd_addresses{type="fixed",state="configuring"} 0
        odmd_addresses{type="fixed",state="active"} 1
        odmd_addresses{type="fixed",state="lingering"} 0
        odmd_addresses{type="fixed",state="deprecated"} 0
        odmd_addresses{type="fixed",state="ended"} 0
        odmd_addresses{type="fixed",state="removing"} 0
        odmd_addresses{type="session-lasting",state="acquiring"} 0
        odmd_addresses{type="session-lasting",state="configuring"} 0
        odmd_addresses{type="session-lasting",state="active"} 0
        odmd_addresses{type="session-lasting",state="lingering"} 0
        odmd_addresses{type="session-lasting",state="deprecated"} 0
        odmd_addresses{type="session-lasting",state="ended"} 0
        odmd_addresses{type="session-lasting",state="removing"} 0
        odmd_addresses{type="non-persistent",state="acquiring"} 0
        odmd_addresses{type="non-persistent",state="configuring"} 0
        odmd_addresses{type="non-persistent",state="active"} 0
        odmd_addresses{type="non-persistent",state="lingering"} 0
        odmd_addresses{type="non-persistent",state="deprecated"} 0
        odmd_addresses{type="non-persistent",state="ended"} 0
        odmd_addresses{type="non-persistent",state="removing"} 0
        odmd_addresses{type="graceful-replacement",state="acquiring"} 0
        odmd_addresses{type="graceful-replacement",state="configuring"} 0
        odmd_addresses{type="graceful-replacement",state="active"} 0
        odmd_addresses{type="graceful-replacement",state="lingering"} 0
        odmd_addresses{type="graceful-replacement",state="deprecated"} 0
        odmd_addresses{type="graceful-replacement",state="ended"} 0
        odmd_addresses{type="graceful-replacement",state="removing"} 0
        # TYPE odmd_sockets gauge
        # HELP odmd_sockets Sockets that keep an address, each once for each address.
        odmd_sockets{type="fixed"} 2
        odmd_sockets{type="session-lasting"} 0
        odmd_sockets{type="non-persistent"} 0
        odmd_sockets{type="graceful-replacement"} 0
        # TYPE odmd_source_questions counter
        # HELP odmd_source_questions Times that a source was asked for a prefix.
        odmd_source_questions_total{source="home"} 4
        odmd_source_questions_total{source="a \"b\\\n"} 0
        # TYPE odmd_source_grants counter
        # HELP odmd_source_grants Prefixes that a source gave.
        odmd_source_grants_total{source="home"} 3
        odmd_source_grants_total{source="a \"b\\\n"} 3
        # TYPE odmd_source_refusals counter
        # HELP odmd_source_refusals Times that a source gave no prefix.
        odmd_source_refusals_total{source="home"} 2
        odmd_source_refusals_total{source="a \"b\\\n"} 2
        # TYPE odmd_source_withdrawals counter
        # HELP odmd_source_withdrawals Prefixes that a source took away.
        odmd_source_withdrawals_total{source="home"} 1
        odmd_source_withdrawals_total{source="a \"b\\\n"} 1
        # TYPE odmd_moves counter
        # HELP odmd_moves Times that the host came to another network by the same link.
        odmd_moves_total 8
        # TYPE odmd_aborts counter
        # HELP odmd_aborts Addresses whose sockets were ended, because they worked no more.
        odmd_aborts_total 9
        # TYPE odmd_lost_event_overruns counter
        # HELP odmd_lost_event_overruns Times that the kernel had more to tell than was read in time.
        odmd_lost_event_overruns_total 7
        # EOF

        """##
}
