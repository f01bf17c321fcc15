import Posix
import Testing

@testable import odmctl

@Suite struct RepliesTests {
    private func reply(_ text: String) throws -> SuccessReply { try SuccessReply(message: Array(text.utf8)) }

    @Test func statusReadsWell() throws {
        let status = try reply(
            """
            {"parameters":{"addresses":12,"configuration_path":"/etc/odmd/odmd.conf","hooks":true,"assignments":2,"log_level":"info","lost_event_overruns":0,
             "networks":[
              {"interface":"eth0","interface_index":2,"router":"fe80::1","prefixes":["2001:db8:1::/64"],"age_seconds":180},
              {"interface":"veth0","interface_index":3,"prefixes":[]},
              {"interface":"wlan0","interface_index":4,"prefixes":["2001:db8:1111:2222::/64","2001:db8:3::/64"]}],
             "pid":71,"requests_granted":1204,"requests_refused":3,"sockets":40,"sources":2,
             "uptime_seconds":273600,"version":"0.1.0"}}
            """
        ).parameters(as: StatusReply.self)
        #expect(
            status.text == """
                odmd 0.1.0, process 71, up 3d 4h
                Configuration  /etc/odmd/odmd.conf
                Addresses      12
                Sockets        40
                Sources        2
                Networks       eth0  router fe80::1  2001:db8:1::/64  for 3min
                               wlan0  no router  2001:db8:1111:2222::/64  2001:db8:3::/64
                                 in doubt
                Requests       1204 granted, 3 refused
                Kernel events  none lost
                Hooks          used, control groups with a type: 2
                Log level      info
                """)
    }

    @Test func noNetworkIsSaidToo() throws {
        let status = try reply(
            """
            {"parameters":{"addresses":0,"configuration_path":"x","hooks":false,"assignments":0,"log_level":"info","lost_event_overruns":2,"networks":[],"pid":71,
             "requests_granted":0,"requests_refused":0,"sockets":0,"sources":0,"uptime_seconds":1,"version":"0.1.0"}}
            """
        ).parameters(as: StatusReply.self)
        #expect(status.text.contains("\nNetworks       none\n"))
    }

    @Test(arguments: [
        (
            #""change":"replaced","ends_in_milliseconds":60000,"replacement":"2001:db8:1::1""#,
            "replaced    2001:db8::1  fixed  replaced by 2001:db8:1::1  ends in 1min"
        ),
        (
            #""change":"deprecated","ends_in_milliseconds":1500"#,
            "deprecated  2001:db8::1  fixed  ends in 2s"
        ),
        (#""change":"deprecated""#, "deprecated  2001:db8::1  fixed"),
        (#""change":"removed","ends_in_milliseconds":0"#, "removed     2001:db8::1  fixed"),
        (#""change":"restored""#, "restored    2001:db8::1  fixed"),
        (#""change":"some-later-change""#, "some-later-change  2001:db8::1  fixed"),
    ])
    func eventsReadWell(members: String, text: String) throws {
        let time = 1_700_000_000_000
        let reply = try reply(
            #"{"continues":true,"parameters":{"event":{"address":"2001:db8::1","time":\#(time),"type":"fixed",\#(members)}}}"#
        )
        #expect(
            try reply.parameters(as: MonitorReply.self).event.text
                == WallClock.text(ofMilliseconds: Int64(time)) + "  " + text)
    }

    @Test func addressesSayWhatMatters() throws {
        let addresses = try reply(
            """
            {"parameters":{"addresses":[
             {"address":"2001:db8::1","type":"fixed","state":"active","sockets":0,"age_seconds":185,"held":true,"initial":false,"source":"home",
              "interface":"lo","interface_index":1},
             {"address":"2001:db8::2","type":"session-lasting","state":"lingering","sockets":0,"age_seconds":185,"held":false,"initial":false,
              "owner_user":0,"linger_left_milliseconds":28500,"interface_index":9},
             {"address":"2001:db8::3","type":"non-persistent","state":"active","sockets":1,"age_seconds":185,"held":false,"initial":false,
              "source":"home","owner_socket":"1a2b"}]}}
            """
        ).parameters(as: AddressesReply.self)
        #expect(
            addresses.table.text(columns: nil) == """
                ADDRESS      TYPE             STATE      SOCKETS  AGE      LEFT  INTERFACE  SOURCE  FOR
                2001:db8::1  fixed            active           0  3min 5s  held  lo         home    -
                2001:db8::2  session-lasting  lingering        0  3min 5s  29s   9          -       root
                2001:db8::3  non-persistent   active           1  3min 5s  -     -          home    sk:1a2b
                """)
    }

    @Test func socketsHaveNamesNotNumbers() throws {
        let sockets = try reply(
            """
            {"parameters":{"sockets":[
             {"cookie":"1a2b","address":"2001:db8::1","type":"fixed","transport":262,"user":0,"process":42},
             {"cookie":"c","address":"2001:db8::1","type":"fixed","user":4000000000}]}}
            """
        ).parameters(as: SocketsReply.self)
        #expect(
            sockets.table.text(columns: nil) == """
                ADDRESS      TYPE   PROTO  USER        PROCESS  COOKIE
                2001:db8::1  fixed  mptcp  root             42    1a2b
                2001:db8::1  fixed  -      4000000000        -       c
                """)
    }

    @Test func sourcesInOrder() throws {
        let sources = try reply(
            """
            {"parameters":{"sources":[
             {"name":"home","kind":"static","types":["fixed","session-lasting"],
              "prefixes":["2001:db8:a::/56","2001:db8:b::/64"],"interface":"wlan0","interfaces":[],
              "place":"loopback","max_addresses":1024,"addresses":3,"available":false},
             {"name":"b","kind":"dhcpv6","types":["fixed"],"prefixes":[],"interfaces":["wl*","eth0"],
              "place":"route","max_addresses":10,"addresses":0,"available":true},
             {"name":"c","kind":"helper","types":["fixed"],"prefixes":[],"interfaces":[],
              "place":"route","max_addresses":10,"addresses":0,"available":true}]}}
            """
        ).parameters(as: SourcesReply.self)
        #expect(
            sources.table.text(columns: nil) == """
                NAME  KIND    STATE           USED  TYPES                  PREFIXES                         INTERFACE  PLACE
                home  static  no interface  3/1024  fixed session-lasting  2001:db8:a::/56 2001:db8:b::/64  wlan0      loopback
                b     dhcpv6  ready           0/10  fixed                  -                                wl* eth0   route
                c     helper  ready           0/10  fixed                  -                                -          route
                """)
    }

    @Test func aListKeepsWhatIsWanted() throws {
        let reply = try reply(
            #"{"parameters":{"more":1,"sockets":[{"address":"2001:db8::1","cookie":"a","type":"fixed","user":0},"#
                + #"{"address":"2001:db8::2","cookie":"b","later":true,"type":"fixed","user":7}]}}"#)
        #expect(try reply.list(SocketsReply.self) { $0.user == 7 }.rows.map(\.cookie) == ["b"])
        #expect(
            Json.line(try reply.json(ofList: SocketsReply.self) { $0.user == 7 })
                == #"{"more":1,"sockets":[{"address":"2001:db8::2","cookie":"b","later":true,"type":"fixed","user":7}]}"#
        )
    }

    @Test func aMemberIsAddedToAReply() throws {
        let reply = try reply(#"{"parameters":{"removed":true,"sockets":0}}"#)
        #expect(
            Json.line(try reply.json(with: ["address": .string("x")]))
                == #"{"address":"x","removed":true,"sockets":0}"#)
    }

    @Test func jsonIsWhatCame() throws {
        let reply = try reply(
            #"{"parameters":{"b":[1,-2,true,null,"ü/\n"],"a":{"later":1.5},"big":9223372036854775807}}"#)
        let json = String(decoding: Json.encode(try reply.json()), as: UTF8.self)
        #expect(json == #"{"a":{"later":1.5},"b":[1,-2,true,null,"ü/\n"],"big":9223372036854775807}"#)
    }

    @Test func aReplyWithoutParametersIsAnEmptyObject() throws {
        #expect(try reply("{}").json() == .object([:]))
    }

    @Test(arguments: [
        (true, 0, "x removed"), (false, 1, "x goes when the socket that uses it is closed"),
        (false, 3, "x goes when the 3 sockets that use it are closed"),
    ])
    func releaseSaysWhatHappens(removed: Bool, sockets: Int, text: String) {
        #expect(ReleaseReply(removed: removed, sockets: sockets).text("x") == text)
    }
}
