import Testing

@testable import Daemon
@testable import Mobility
@testable import Posix

/// What administration shows of the policy and the configuration, as exact JSON.
@Suite struct AdministrationPolicyTests {
    private let delegate = FakeDelegate()
    private let service: ManagerService

    init() {
        service = ManagerService(delegate: delegate)
        delegate.addSamples()
    }

    private func call(_ method: String, _ parameters: String = "{}") throws -> String {
        let text = #"{"method":"org.odmd.Manager.\#(method)","parameters":\#(parameters)}"#
        let call = try #require(VarlinkCall(Array(text.utf8)))
        var octets: [UInt8] = []
        service.serve(call, from: PeerCredentials(process: Process.identifier, user: 1000, group: 1000)) {
            reply in
            switch reply.content {
            case .message(let message): octets = message
            case .list(var list): while let piece = list.nextPiece() { octets += piece }
            case .events: break
            }
        }
        return String(decoding: octets.dropLast(), as: UTF8.self)
    }

    @Test func listRules() throws {
        let rules = try call("ListRules")
        #expect(
            rules.hasPrefix(
                #"{"parameters":{"rules":[{"action":"allow","built_in":false,"groups":[5],"max_addresses":4,"#
                    + #""max_sockets":8,"name":"few","types":["fixed"],"units":["voip-*.service"],"users":[1,4294967294]},"#
                    + #"{"action":"allow","built_in":true,"name":"default","types":["session-lasting","#))
        #expect(rules.hasSuffix(#"{"action":"deny","built_in":true,"name":"default","types":["fixed"]}]}}"#))
    }

    @Test(arguments: [true, false])
    func commandsAreForThoseWhoMayChangeThem(mayChange: Bool) throws {
        delegate.permits = mayChange
        let value = mayChange ? #","value":"/bin/x --key 1""# : ""
        #expect(
            try call("GetConfiguration")
                == #"{"parameters":{"settings":[{"key":"LogLevel","section":"Daemon","value":"info"},"#
                + #"{"file":"/etc/odmd/odmd.conf","key":"Command","line":7,"section":"Source modem"\#(value)}]}}"#
        )
    }

    @Test func explainSaysAllOfIt() throws {
        #expect(
            try call("Explain", #"{"type":"fixed","user":1,"groups":[5,6],"unit":"a.service"}"#)
                == #"{"parameters":{"address":"2001:db8::1","addresses":2,"considered":["#
                + #"{"source":"a","verdict":"other_types"},"#
                + #"{"interface":"wlan0","reason":"no_network","source":"b","verdict":"nothing"},"#
                + #"{"address":"2001:db8::1","source":"c","verdict":"gives"}],"groups":[5,6],"outcome":"made","#
                + #""rule":{"action":"allow","built_in":false,"groups":[5],"max_addresses":4,"max_sockets":8,"#
                + #""name":"few","types":["fixed"],"units":["voip-*.service"],"users":[1,4294967294]},"#
                + #""sockets":3,"unit":"a.service","user":1}}"#)
    }

    @Test(arguments: [
        (Explanation.Outcome.refused(.overQuota(rule: 0)), #""errno":122,"#, #""reason":"over_quota""#),
        (.shared("2001:db8::2"), #""address":"2001:db8::2""#, #""outcome":"shared""#),
        (.asked, #""outcome":"asked""#, #""considered":[]"#),
    ])
    func outcomes(outcome: Explanation.Outcome, one: String, other: String) throws {
        delegate.explanation = Explanation(rule: 0, outcome: outcome)
        let reply = try call("Explain", #"{"type":"fixed","user":1}"#)
        #expect(reply.contains(one))
        #expect(reply.contains(other))
    }

    @Test func whoAsksIsAsked() throws {
        _ = try call("Explain", #"{"type":"fixed","user":1,"groups":[5,6],"unit":"a.service"}"#)
        #expect(delegate.explained?.requester?.user == 1)
        #expect(delegate.explained?.standing?.groups == [5, 6])
        #expect(delegate.explained?.standing?.unit == .named("a.service"))
        #expect(delegate.explained?.onNet == false)
        for parameters in [
            #"{"type":"fixed","on_net":true}"#,
            #"{"type":"fixed","on_net":true,"pid":\#(Process.identifier)}"#,
        ] {
            _ = try call("Explain", parameters)
            let own = try ProcessCredentials(of: Process.identifier)
            #expect(delegate.explained?.requester?.user == own.user)
            #expect(delegate.explained?.standing?.groups == own.groups)
            #expect(delegate.explained?.onNet == true)
        }
    }

    @Test(arguments: [
        ("{}", "type"), (#"{"type":"fix"}"#, "type"), (#"{"type":"fixed","user":-1}"#, "user"),
        (#"{"type":"fixed","user":4294967296}"#, "user"), (#"{"type":"fixed","user":"root"}"#, "user"),
        (#"{"type":"fixed","user":1,"groups":[1,-1]}"#, "groups"),
        (#"{"type":"fixed","user":1,"groups":1}"#, "groups"),
        (#"{"type":"fixed","user":1,"groups":["a"]}"#, "groups"), (#"{"type":"fixed","groups":[1]}"#, "user"),
        (#"{"type":"fixed","user":1,"unit":1}"#, "unit"), (#"{"type":"fixed","unit":"a.service"}"#, "user"),
        (#"{"type":"fixed","pid":1,"user":1}"#, "pid"), (#"{"type":"fixed","pid":true}"#, "pid"),
        (#"{"type":"fixed","pid":99999999999}"#, "pid"), (#"{"type":"fixed","colour":1}"#, "colour"),
        (#"{"type":"fixed","on_net":1}"#, "on_net"),
    ])
    func whatIsWrongWithAQuestion(parameters: String, wrong: String) throws {
        #expect(
            try call("Explain", parameters)
                == #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"\#(wrong)"}}"#
        )
    }

    @Test(arguments: [0, -5, 1 << 30])
    func aProcessThatIsNotThere(process: Int32) throws {
        #expect(
            try call("Explain", #"{"type":"fixed","pid":\#(process)}"#)
                == #"{"error":"org.odmd.Manager.ProcessNotFound","parameters":{"pid":\#(process)}}"#)
    }
}
