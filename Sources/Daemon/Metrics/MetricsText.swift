import Mobility

extension MetricsSnapshot {
    /// The snapshot in the format of OpenMetrics. docs/metrics.md promises the names.
    var text: String {
        var text = OpenMetricsText()
        writeDaemon(&text)
        writeRequests(&text)
        writeLatencies(&text)
        writeAddresses(&text)
        writeSources(&text)
        writeIncidents(&text)
        text.end()
        return text.text
    }

    private func writeDaemon(_ text: inout OpenMetricsText) {
        text.begin("odmd_build", .info, "What runs.")
        text.sample("odmd_build_info", [("version", version)], is: 1)
        text.begin("odmd_start_time_seconds", .gauge, unit: "seconds", "When the daemon started, since 1970.")
        text.sample("odmd_start_time_seconds", is: Double(startMilliseconds) / 1000)
        text.begin("odmd_uptime_seconds", .gauge, unit: "seconds", "Time since then, sleep included.")
        text.sample("odmd_uptime_seconds", is: uptimeSeconds)
    }

    private func writeRequests(_ text: inout OpenMetricsText) {
        text.begin("odmd_requests", .counter, "Requests for an address, by what came of them.")
        for type in ContinuityType.allCases {
            for outcome in RequestOutcome.allCases {
                text.sample(
                    "odmd_requests_total", [("type", type.description), ("outcome", outcome.name)],
                    is: requests[type, outcome])
            }
        }
        text.begin("odmd_misrequests", .counter, "Requests that were none, or came in too great a number.")
        text.sample("odmd_misrequests_total", is: requests.misrequests)
    }

    private func writeLatencies(_ text: inout OpenMetricsText) {
        let name = "odmd_request_duration_seconds"
        text.begin(name, .histogram, unit: "seconds", "Time to a grant, by what it took.")
        for path in GrantPath.allCases {
            let histogram = requests.latency(of: path)
            let counts = histogram.cumulativeCounts
            let bounds = LatencyHistogram.bounds.map { "\(OpenMetricsText.seconds(microseconds: $0))" }
            for (bound, count) in zip(bounds + ["+Inf"], counts) {
                text.sample("\(name)_bucket", [("path", path.name), ("le", bound)], is: count)
            }
            let sum = OpenMetricsText.seconds(microseconds: histogram.sumMicroseconds)
            text.sample("\(name)_sum", [("path", path.name)], is: sum)
            text.sample("\(name)_count", [("path", path.name)], is: counts[counts.count - 1])
        }
    }

    private func writeAddresses(_ text: inout OpenMetricsText) {
        text.begin("odmd_addresses", .gauge, "Addresses that there are.")
        for type in ContinuityType.allCases {
            for state in AddressStateName.allCases {
                text.sample(
                    "odmd_addresses", [("type", type.description), ("state", state.rawValue)],
                    is: census[type, state])
            }
        }
        text.begin("odmd_sockets", .gauge, "Sockets that keep an address, each once for each address.")
        for type in ContinuityType.allCases {
            text.sample("odmd_sockets", [("type", type.description)], is: census.sockets[type])
        }
    }

    private func writeSources(_ text: inout OpenMetricsText) {
        write("odmd_source_questions", "Times that a source was asked for a prefix.", \.questions, &text)
        write("odmd_source_grants", "Prefixes that a source gave.", \.grants, &text)
        write("odmd_source_refusals", "Times that a source gave no prefix.", \.refusals, &text)
        write("odmd_source_withdrawals", "Prefixes that a source took away.", \.withdrawals, &text)
    }

    private func write(
        _ name: String, _ help: String, _ count: (SourceCounters) -> UInt64, _ text: inout OpenMetricsText
    ) {
        text.begin(name, .counter, help)
        for source in sources {
            text.sample("\(name)_total", [("source", source.name)], is: count(source.counters))
        }
    }

    private func writeIncidents(_ text: inout OpenMetricsText) {
        text.begin("odmd_moves", .counter, "Times that the host came to another network by the same link.")
        text.sample("odmd_moves_total", is: moves)
        text.begin(
            "odmd_aborts", .counter, "Addresses whose sockets were ended, because they worked no more.")
        text.sample("odmd_aborts_total", is: aborts)
        text.begin(
            "odmd_lost_event_overruns", .counter,
            "Times that the kernel had more to tell than was read in time.")
        text.sample("odmd_lost_event_overruns_total", is: overruns)
    }
}
