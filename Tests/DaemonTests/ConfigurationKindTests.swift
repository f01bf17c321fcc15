import Mobility
import NetworkSide
import Testing

@testable import Daemon

/// What each `Kind=` makes of a section.
@Suite("Kinds of sources")
struct ConfigurationKindTests {
    /// The only source of a text.
    private func source(_ text: String) throws -> Source {
        let sources = try configuration(text).mobility.sources
        try #require(sources.count == 1)
        return sources[0]
    }

    // MARK: Without a source

    @Test(arguments: ["", "[Daemon]\nLogLevel=debug\n[Type fixed]\nShare=user\n"])
    func withoutASourceRoutersAreHeard(text: String) throws {
        #expect(
            try source(text)
                == Source(
                    name: "ra", kind: .routerAdvertisement, types: [.nonPersistent, .gracefulReplacement],
                    uplinks: ["*"], place: .interface))
    }

    @Test func anySourceReplacesTheBuiltInOne() throws {
        #expect(
            try source("[Source a]\nKind=static\nTypes=fixed\nPrefix=2001:db8::/64\n")
                == Source(name: "a", types: [.fixed], prefixes: ["2001:db8::/64"]))
    }

    // MARK: ra

    @Test func advertisedWithDefaultsIsTheBuiltInSource() throws {
        #expect(try source("[Source ra]\nKind=ra\n") == BuiltInSource.source)
    }

    @Test func advertisedWithEverything() throws {
        let text = """
            [Source cells]
            Kind=ra
            Types=session-lasting
            Interface=wwan* wlan0
            Interface=en[ps]*
            MaxAddresses=7
            """
        #expect(
            try source(text)
                == Source(
                    name: "cells", kind: .routerAdvertisement, types: [.sessionLasting],
                    uplinks: ["wwan*", "wlan0", "en[ps]*"], place: .interface, maxAddresses: 7))
    }

    @Test func emptyAssignmentsResetAnAdvertisedOne() throws {
        let text = "[Source ra]\nKind=ra\nTypes=fixed\nTypes=\nInterface=wlan0\nInterface=\n"
        #expect(try source(text) == BuiltInSource.source)
    }

    // MARK: dhcpv6

    private let provider = "[Source provider]\nKind=dhcpv6\nTypes=fixed\nInterface=wlan0\n"

    @Test func dhcpv6WithDefaults() throws {
        let configuration = try configuration(provider)
        #expect(
            configuration.mobility.sources == [
                Source(name: "provider", kind: .dhcpv6, types: [.fixed], uplinks: ["wlan0"], place: .loopback)
            ])
        #expect(configuration.conveyances == ["provider": .userClass])
        #expect(configuration.commands == [:])
    }

    @Test(
        arguments: [
            ("Place=loopback", .loopback), ("Place=route", .route), ("Place=interface", .interface),
        ] as [(String, Source.Place)])
    func dhcpv6Place(text: String, expected: Source.Place) throws {
        #expect(try source(provider + text).place == expected)
    }

    @Test(
        arguments: [
            ("Convey=user-class", .userClass), ("Convey=none", .none), ("Convey=none\nConvey=", .userClass),
            ("Convey=continuity-option\nContinuityOptionCode=1000", .continuityOption(code: 1000)),
            ("ContinuityOptionCode=65535\nConvey=continuity-option", .continuityOption(code: 65535)),
            ("ContinuityOptionCode=4\nConvey=continuity-option", .continuityOption(code: 4)),
            ("ContinuityOptionCode=1000\nContinuityOptionCode=", .userClass),
        ] as [(String, Conveyance)])
    func convey(text: String, expected: Conveyance) throws {
        #expect(try configuration(provider + text).conveyances == ["provider": expected])
    }

    /// Options of RFC 8415 that are in the messages of a client, or of a server's answer to it.
    @Test(arguments: [1, 2, 3, 5, 6, 7, 8, 13, 14, 15, 25, 26, 82])
    func codeOfAnotherOptionIsRefused(code: Int) {
        #expect(throws: ConfigurationErrors.self) {
            try configuration("\(provider)Convey=continuity-option\nContinuityOptionCode=\(code)")
        }
    }

    // MARK: helper

    private let modem = "[Source modem]\nKind=helper\nTypes=fixed\nCommand=/bin/modem --slot 1\n"

    @Test func helperWithDefaults() throws {
        let configuration = try configuration(modem)
        #expect(configuration.mobility.sources == [Source(name: "modem", kind: .helper, types: [.fixed])])
        #expect(configuration.commands == ["modem": ["/bin/modem", "--slot", "1"]])
        #expect(configuration.conveyances == [:])
    }

    @Test func helperWithEverything() throws {
        #expect(
            try source(modem + "Place=interface\nInterface=eth0\nInterface=wwan0\nMaxAddresses=7\n")
                == Source(
                    name: "modem", kind: .helper, types: [.fixed], interface: "wwan0", place: .interface,
                    maxAddresses: 7))
    }

    @Test(arguments: [
        ("/bin/a", ["/bin/a"]), ("/bin/a  b\tc", ["/bin/a", "b", "c"]),
        (#"/bin/a "b c" d"#, ["/bin/a", "b c", "d"]), (#""/opt/a b" c"#, ["/opt/a b", "c"]),
        (#"/bin/a "" b"#, ["/bin/a", "", "b"]), (#"/bin/a --b="c d"e"#, ["/bin/a", "--b=c de"]),
        (#"/bin/a 'b c' \d $E"#, ["/bin/a", "'b", "c'", #"\d"#, "$E"]),
        (##"/bin/a "#b" ";" "c #d""##, ["/bin/a", "#b", ";", "c #d"]),
        ("/bin/a b \\\n  c", ["/bin/a", "b", "c"]),
    ])
    func command(text: String, words: [String]) throws {
        #expect(try configuration("\(modem)Command=\(text)\n").commands == ["modem": words])
    }

    // MARK: In any order

    @Test func orderOfKeysDoesNotMatter() throws {
        let sections: [[String]] = [
            ["Kind=static", "Types=fixed", "Prefix=2001:db8::/64", "Interface=wlan0", "Place=interface"],
            ["Kind=ra", "Types=fixed", "Interface=wl*"],
            [
                "Kind=dhcpv6", "Types=fixed", "Interface=wl*", "Convey=continuity-option",
                "ContinuityOptionCode=4",
            ],
            ["Kind=helper", "Types=fixed", "Command=/bin/a", "Interface=wlan0", "Place=interface"],
        ]
        for keys in sections {
            let text = { (keys: [String]) in "[Source a]\n" + keys.joined(separator: "\n") }
            #expect(try configuration(text(keys.reversed())) == configuration(text(keys)))
        }
    }

    @Test func aLaterFileMayChangeTheKind() throws {
        let merged = try configuration(
            ("odmd.conf", "[Source a]\nKind=ra\nTypes=fixed\nInterface=wlan0\n"),
            ("10.conf", "[Source a]\nKind=dhcpv6\nConvey=none\n"))
        #expect(
            merged.mobility.sources == [
                Source(name: "a", kind: .dhcpv6, types: [.fixed], uplinks: ["wlan0"])
            ])
        #expect(merged.conveyances == ["a": .none])
    }
}
