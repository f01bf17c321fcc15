import EventLoop
import Mobility
import Posix
import Testing

@testable import Daemon

/// A source that is good; the lines of a test follow it.
private let home = "[Source home]\nKind=static\nTypes=fixed\nPrefix=2001:db8:a::/56\n"

@Suite("Configuration")
struct ConfigurationTests {
    @Test func withoutFilesIsTheDefault() throws {
        let empty = try configuration("")
        #expect(empty == .withoutFiles)
        #expect(empty.adminGroup == "odm")
        #expect(empty.logLevel == .info)
        #expect(empty.socketEventBufferBytes == 64 << 20)
        #expect(empty.mobility.types == Mobility.Configuration().types)
        #expect(empty.mobility.sources == [BuiltInSource.source])
    }

    @Test(
        arguments: [
            ("RequestTimeoutSec=2", .seconds(2)),
            ("RequestTimeoutSec=1us", .microseconds(1)),
            ("RequestTimeoutSec=1h", .seconds(3600)),
            ("RequestTimeoutSec=2\nRequestTimeoutSec=3", .seconds(3)),
            ("RequestTimeoutSec=2\nRequestTimeoutSec=", .seconds(10)),
        ] as [(String, Duration)])
    func requestTimeout(text: String, expected: Duration) throws {
        #expect(try configuration("[Daemon]\n" + text).mobility.requestTimeout == expected)
    }

    @Test(arguments: [
        ("AdminGroup=wheel", "wheel"), ("AdminGroup=domain admins", "domain admins"),
        ("AdminGroup=größe", "größe"),
        ("AdminGroup=wheel\nAdminGroup=", "odm"),
    ])
    func adminGroup(text: String, expected: String) throws {
        #expect(try configuration("[Daemon]\n" + text).adminGroup == expected)
    }

    @Test(
        arguments: [
            ("LogLevel=error", .error), ("LogLevel=warning", .warning), ("LogLevel=info", .info),
            ("LogLevel=debug", .debug), ("LogLevel=debug\nLogLevel=", .info),
        ] as [(String, LogLevel)])
    func logLevel(text: String, expected: LogLevel) throws {
        #expect(try configuration("[Daemon]\n" + text).logLevel == expected)
    }

    @Test(arguments: [
        ("SocketEventBufferBytes=65536", 65_536), ("SocketEventBufferBytes=200000", 200_000),
        ("SocketEventBufferBytes=1G", 1 << 30),
        ("SocketEventBufferBytes=1M\nSocketEventBufferBytes=2 M", 2 << 20),
        ("SocketEventBufferBytes=1M\nSocketEventBufferBytes=", 64 << 20),
    ])
    func socketEventBuffer(text: String, expected: Int) throws {
        #expect(try configuration("[Daemon]\n" + text).socketEventBufferBytes == expected)
    }

    @Test(
        arguments: [
            ("Share=host", .host), ("Share=user", .user), ("Share=socket", .socket),
            ("Share=user\nShare=", .host),
        ] as [(String, TypePolicy.Share)])
    func share(text: String, expected: TypePolicy.Share) throws {
        for type in ContinuityType.allCases {
            let types = try configuration("[Type \(type)]\n" + text).mobility.types
            #expect(types[type].share == expected)
            for other in ContinuityType.allCases where other != type { #expect(types[other].share == .host) }
        }
    }

    @Test(
        arguments: [
            ("session-lasting", "LingerSec=0", .zero),
            ("session-lasting", "LingerSec=5min", .seconds(300)),
            ("session-lasting", "LingerSec=infinity", nil),
            ("session-lasting", "LingerSec=5\nLingerSec=", .seconds(30)),
            ("fixed", "Share=host", nil),
            ("fixed", "LingerSec=5", .seconds(5)),
            ("fixed", "LingerSec=5\nLingerSec=", nil),
        ] as [(String, String, Duration?)])
    func linger(name: String, text: String, expected: Duration?) throws {
        let type = try #require(ContinuityType(name: name))
        #expect(try configuration("[Type \(name)]\n" + text).mobility.types[type].linger == expected)
    }

    @Test func sourceWithDefaults() throws {
        let source = Source(name: "home", types: [.fixed], prefixes: ["2001:db8:a::/56"])
        #expect(try configuration(home).mobility.sources == [source])
        #expect(source.place == .loopback)
        #expect(source.maxAddresses == 1024)
    }

    @Test func sourceWithEverything() throws {
        let text = """
            [Source office.2]
            Kind = static
            Types = fixed \\
                    session-lasting
            Types = graceful-replacement
            Prefix = 2001:DB8:A:0::/56
            Prefix = fd00:1:2:3::/64
            Prefix = 2001:db8:b::42/128
            Interface = wlan0
            Place = interface
            MaxAddresses = 1000000
            """
        let source = Source(
            name: "office.2", types: [.fixed, .sessionLasting, .gracefulReplacement],
            prefixes: ["2001:db8:a::/56", "fd00:1:2:3::/64", "2001:db8:b::42/128"], interface: "wlan0",
            place: .interface, maxAddresses: 1_000_000)
        #expect(try configuration(text).mobility.sources == [source])
    }

    @Test(
        arguments: [
            ("Place=loopback", .loopback), ("Place=route", .route),
            ("Place=interface\nInterface=eth0", .interface),
            ("Place=route\nPlace=", .loopback),
        ] as [(String, Source.Place)])
    func place(text: String, expected: Source.Place) throws {
        #expect(try configuration(home + text).mobility.sources.first?.place == expected)
    }

    @Test func emptyAssignmentsResetASource() throws {
        let text =
            home + """
                Interface=wlan0
                Interface=
                MaxAddresses=5
                MaxAddresses=
                Types=
                Types=non-persistent
                Prefix=
                Prefix=2001:db8:b::/64
                Kind=
                Kind=static
                """
        let source = Source(name: "home", types: [.nonPersistent], prefixes: ["2001:db8:b::/64"])
        #expect(try configuration(text).mobility.sources == [source])
    }

    @Test func refusedValueThatIsReplacedIsStillReported() {
        #expect(throws: ConfigurationErrors.self) {
            try configuration("[Daemon]\nLogLevel=loud\nLogLevel=info")
        }
    }

    @Test func prefixesThatTouchDoNotOverlap() throws {
        let text = home + "Prefix=2001:db8:a:100::/56\nPrefix=2001:db8:9:ffff::/64\n"
        #expect(try configuration(text).mobility.sources.first?.prefixes.count == 3)
    }

    @Test func laterFilesAddToSectionsAndReplaceKeys() throws {
        let merged = try configuration(
            ("odmd.conf", "[Daemon]\nLogLevel=debug\nAdminGroup=wheel\n\(home)MaxAddresses=5\n"),
            ("10.conf", "[Source work]\nKind=static\nTypes=fixed\nPrefix=2001:db8:c::/64\n"),
            (
                "20.conf",
                "[Daemon]\nLogLevel=error\n[Source home]\nPrefix=2001:db8:b::/64\nMaxAddresses=6\n[Type fixed]\nShare=user\n"
            ))
        #expect(merged.logLevel == .error)
        #expect(merged.adminGroup == "wheel")
        #expect(merged.mobility.types.fixed.share == .user)
        #expect(
            merged.mobility.sources == [
                Source(
                    name: "home", types: [.fixed], prefixes: ["2001:db8:a::/56", "2001:db8:b::/64"],
                    maxAddresses: 6),
                Source(name: "work", types: [.fixed], prefixes: ["2001:db8:c::/64"]),
            ])
    }

    @Test(arguments: [
        ("", "no source but what routers advertise on every interface"),
        (home, "1 static source with 1 prefix"),
        (home + "[Rule a]\nUser=1\n[Rule b]\n", "1 static source with 1 prefix, 2 rules"),
        (
            home + "Prefix=2001:db8:c::/64\n[Source b]\nKind=static\nTypes=fixed\nPrefix=2001:db8:b::/64",
            "2 static sources with 3 prefixes"
        ),
        (
            "[Source b]\nKind=ra\n[Source c]\nKind=ra\n[Source d]\nKind=helper\nTypes=fixed\nCommand=/d\n"
                + home,
            "1 static source with 1 prefix, 2 ra sources, 1 helper source"
        ),
    ])
    func summary(text: String, expected: String) throws {
        #expect(ConfigurationCheck.summary(try configuration(text).mobility) == expected)
    }
}
