import Testing

@testable import Daemon
@testable import Mobility
@testable import Posix

/// Every method and every error, as exact JSON.
@Suite struct AdministrationServiceTests {
    let delegate = FakeDelegate()
    let service: ManagerService

    init() {
        service = ManagerService(delegate: delegate)
    }

    static let peer = PeerCredentials(process: 1, user: 1000, group: 1000)

    /// The replies so far to one call.
    private final class Replies {
        var texts: [String] = []
        var last: VarlinkReply?
    }

    private func start(_ text: String) throws -> Replies {
        let call = try #require(VarlinkCall(Array(text.utf8)))
        let replies = Replies()
        service.serve(call, from: Self.peer) { reply in
            replies.texts.append(Self.text(reply))
            replies.last = reply
        }
        return replies
    }

    /// The only reply to a call.
    private func reply(_ text: String) throws -> String {
        let replies = try start(text)
        try #require(replies.texts.count == 1)
        return replies.texts[0]
    }

    private func call(_ method: String, _ parameters: String = "{}") throws -> String {
        try reply(#"{"method":"org.odmd.Manager.\#(method)","parameters":\#(parameters)}"#)
    }

    private static func text(_ reply: VarlinkReply) -> String {
        var octets: [UInt8] = []
        switch reply.content {
        case .message(let message): octets = message
        case .list(var list): while let piece = list.nextPiece() { octets += piece }
        case .events: return "events"
        }
        #expect(octets.last == 0)
        return String(decoding: octets.dropLast(), as: UTF8.self)
    }

    private func error(_ name: String, _ parameters: String) -> String {
        #"{"error":"\#(name)","parameters":\#(parameters)}"#
    }

    // MARK: org.varlink.service

    @Test func getInfo() throws {
        #expect(
            try reply(#"{"method":"org.varlink.service.GetInfo"}"#)
                == #"{"parameters":{"interfaces":["org.odmd.Manager","org.varlink.service"],"product":"odmd","#
                + #""url":"https://www.rfc-editor.org/info/rfc8653","vendor":"odmd","version":"0.1.0"}}"#)
    }

    @Test(arguments: ["org.odmd.Manager", "org.varlink.service"])
    func getInterfaceDescription(interface: String) throws {
        let reply = try reply(
            #"{"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"\#(interface)"}}"#
        )
        let description = try #require(Json.decode(Description.self, from: Array(reply.utf8)))
        #expect(description.parameters["description"] == ManagerInterface.description(of: interface))
    }

    private struct Description: Decodable {
        var parameters: [String: String]
    }

    @Test func descriptionOfAnotherInterface() throws {
        #expect(
            try reply(
                #"{"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"a.b"}}"#)
                == error("org.varlink.service.InterfaceNotFound", #"{"interface":"a.b"}"#))
    }

    // MARK: Showing

    @Test func status() throws {
        delegate.addSamples()
        #expect(
            try call("Status")
                == #"{"parameters":{"addresses":3,"assignments":0,"configuration_path":"/etc/odmd/odmd.conf","#
                + #""hooks":true,"log_level":"info","lost_event_overruns":0,"networks":[{"age_seconds":185,"interface":"wlan0","#
                + #""interface_index":3,"prefixes":["2001:db8:1::/64"],"router":"fe80::1"},"#
                + #"{"interface":"eth0","interface_index":4,"prefixes":[]}],"#
                + #""pid":71,"requests_granted":5,"requests_refused":1,"sockets":2,"#
                + #""sources":2,"uptime_seconds":3600,"version":"0.1.0"}}"#)
    }

    @Test func listAddresses() throws {
        delegate.addSamples()
        #expect(
            try call("ListAddresses")
                == #"{"parameters":{"addresses":["#
                + #"{"address":"2001:db8::1","age_seconds":0,"held":true,"initial":false,"interface":"lo","interface_index":1,"#
                + #""sockets":2,"source":"home","state":"active","type":"fixed"},"#
                + #"{"address":"2001:db8::2","age_seconds":0,"held":false,"initial":false,"interface_index":7,"#
                + #""linger_left_milliseconds":28500,"#
                + #""owner_user":4000000000,"sockets":0,"state":"lingering","type":"session-lasting"},"#
                + #"{"address":"2001:db8::3","age_seconds":0,"held":false,"initial":false,"owner_socket":"ffffffffffffffff","#
                + #""sockets":1,"source":"home","state":"active","type":"non-persistent"}]}}"#)
    }

    @Test func listSockets() throws {
        delegate.addSamples()
        #expect(
            try call("ListSockets")
                == #"{"parameters":{"sockets":["#
                + #"{"address":"2001:db8::1","cookie":"1a2b","process":42,"transport":6,"type":"fixed","user":0},"#
                + #"{"address":"2001:db8::1","cookie":"c","type":"fixed","user":4000000000}]}}"#)
    }

    @Test func listSources() throws {
        delegate.addSamples()
        #expect(
            try call("ListSources")
                == #"{"parameters":{"sources":["#
                + #"{"addresses":3,"available":false,"interface":"wlan0","interfaces":[],"kind":"static","#
                + #""max_addresses":16,"name":"home","place":"route","prefixes":["2001:db8::/56"],"#
                + #""types":["fixed","session-lasting"]},"#
                + #"{"addresses":0,"available":true,"interfaces":["wl*","eth0"],"kind":"ra","#
                + #""max_addresses":1024,"name":"routers","place":"interface","prefixes":[],"#
                + #""types":["non-persistent"]}]}}"#)
    }

    @Test func emptyLists() throws {
        #expect(try call("ListAddresses") == #"{"parameters":{"addresses":[]}}"#)
        #expect(try call("ListSockets") == #"{"parameters":{"sockets":[]}}"#)
        #expect(try call("ListSources") == #"{"parameters":{"sources":[]}}"#)
    }

    @Test func metrics() throws {
        #expect(try call("Metrics") == ##"{"parameters":{"text":"# EOF\n"}}"##)
    }

    // MARK: Acquire

    @Test(arguments: [
        (#"{"type":"fixed"}"#, "acquire fixed"),
        (#"{"type":"session-lasting","on_net":null}"#, "acquire session-lasting"),
        (#"{"type":"graceful-replacement","on_net":true}"#, "acquire graceful-replacement on-net"),
    ])
    func acquire(parameters: String, asked: String) throws {
        delegate.answer = .granted(Grant(address: "2001:db8::1", type: .fixed, needsFreeBind: true))
        #expect(
            try call("Acquire", parameters)
                == #"{"parameters":{"address":"2001:db8::1","needs_free_bind":true}}"#)
        #expect(delegate.journal.all == [asked])
    }

    @Test(arguments: [
        (Refusal.noSource, "no_source", 95), (.exhausted, "exhausted", 99), (.duplicate, "duplicate", 99),
        (.noNetwork, "no_network", 101), (.networkRefused, "network_refused", 99),
        (.tooManyAddresses, "too_many_addresses", 122),
        (.tooManySockets, "too_many_sockets", 122),
        (.socketDestroyed, "socket_destroyed", 9),
        (.timedOut, "timed_out", 110), (.kernel(1), "kernel", 1),
    ])
    func acquireRefused(refusal: Refusal, reason: String, errno: Int) throws {
        delegate.answer = .refused(refusal)
        #expect(
            try call("Acquire", #"{"type":"fixed"}"#)
                == error("org.odmd.Manager.RequestRefused", #"{"errno":\#(errno),"reason":"\#(reason)"}"#))
    }

    @Test func acquireAnsweredLater() throws {
        let replies = try start(#"{"method":"org.odmd.Manager.Acquire","parameters":{"type":"fixed"}}"#)
        #expect(replies.texts.isEmpty)
        delegate.waiting[0](.granted(Grant(address: "2001:db8::1", type: .fixed)))
        #expect(replies.texts == [#"{"parameters":{"address":"2001:db8::1","needs_free_bind":false}}"#])
    }

    @Test func aHoldThatNobodyHearsOfIsGivenBack() throws {
        let replies = try start(#"{"method":"org.odmd.Manager.Acquire","parameters":{"type":"fixed"}}"#)
        delegate.waiting[0](.granted(Grant(address: "2001:db8::1", type: .fixed)))
        replies.last?.ifUndelivered?()
        #expect(delegate.journal.all == ["acquire fixed", "release 2001:db8::1"])
    }

    @Test func aHoldThatWasThereBeforeStays() throws {
        delegate.addSamples()
        delegate.answer = .granted(Grant(address: "2001:db8::1", type: .fixed))
        let replies = try start(#"{"method":"org.odmd.Manager.Acquire","parameters":{"type":"fixed"}}"#)
        replies.last?.ifUndelivered?()
        #expect(delegate.journal.all == ["acquire fixed"])
    }

    @Test(arguments: [false, true])
    func aHoldThatAnotherMayHaveBeenToldStays(otherIsAnswered: Bool) throws {
        let first = try start(#"{"method":"org.odmd.Manager.Acquire","parameters":{"type":"fixed"}}"#)
        _ = try start(#"{"method":"org.odmd.Manager.Acquire","parameters":{"type":"fixed"}}"#)
        delegate.waiting[0](.granted(Grant(address: "2001:db8::1", type: .fixed)))
        if otherIsAnswered { delegate.waiting[1](.granted(Grant(address: "2001:db8::1", type: .fixed))) }
        first.last?.ifUndelivered?()
        #expect(delegate.journal.all == ["acquire fixed", "acquire fixed"])
    }

    // MARK: Release, Reload

    @Test(arguments: [
        (ReleaseOutcome.removed, #"{"parameters":{"removed":true,"sockets":0}}"#),
        (.leaving(sockets: 3), #"{"parameters":{"removed":false,"sockets":3}}"#),
        (
            .notOurs,
            #"{"error":"org.odmd.Manager.AddressNotFound","parameters":{"address":"2001:db8::1"}}"#
        ),
    ])
    func release(outcome: ReleaseOutcome, text: String) throws {
        delegate.releaseOutcome = outcome
        #expect(try call("Release", #"{"address":"2001:DB8:0::1"}"#) == text)
        #expect(delegate.journal.all == ["release 2001:db8::1"])
    }

    @Test func releaseAll() throws {
        #expect(try call("ReleaseAll") == #"{"parameters":{"leaving":1,"removed":2}}"#)
    }

    @Test func reload() throws {
        #expect(try call("Reload") == #"{"parameters":{}}"#)
        delegate.reloadErrors = ["/etc/odmd/odmd.conf:1: x", "/etc/odmd/odmd.conf:2: \"y\""]
        #expect(
            try call("Reload")
                == error(
                    "org.odmd.Manager.ConfigurationInvalid",
                    #"{"errors":["/etc/odmd/odmd.conf:1: x","/etc/odmd/odmd.conf:2: \"y\""]}"#))
    }

    @Test func reportedErrorsAreBounded() throws {
        delegate.reloadErrors = Array(repeating: "x", count: 5000)
        let reply = try call("Reload")
        #expect(reply.filter { $0 == "x" }.count == ManagerService.mostConfigurationErrors)
    }

    @Test func setLogLevel() throws {
        #expect(try call("SetLogLevel", #"{"level":"debug"}"#) == #"{"parameters":{}}"#)
        #expect(delegate.journal.all == ["log level debug"])
    }

    // MARK: Control groups

    @Test func assign() throws {
        #expect(
            try call("Assign", #"{"control_group":"/a.slice","type":"fixed"}"#) == #"{"parameters":{}}"#)
        #expect(
            try call("Assign", #"{"control_group":"/a.slice","type":null}"#) == #"{"parameters":{}}"#)
        #expect(delegate.journal.all == ["assign fixed to /a.slice", "assign nothing to /a.slice"])
    }

    @Test func listAssignments() throws {
        delegate.assigned = [("/a.slice", .fixed), ("/b.slice", .nonPersistent)]
        #expect(
            try call("ListAssignments")
                == #"{"parameters":{"assignments":[{"control_group":"/a.slice","type":"fixed"},"#
                + #"{"control_group":"/b.slice","type":"non-persistent"}]}}"#)
    }

    @Test(arguments: [
        (AssignmentError.noHooks, "HooksNotUsed", "{}"),
        (.noControlGroup("/x"), "ControlGroupNotFound", #"{"control_group":"/x"}"#),
        (.refused("full"), "AssignmentRefused", #"{"reason":"full"}"#),
        (
            .notShared(.fixed), "AssignmentRefused",
            #"{"reason":"Share= of fixed is not host, and the kernel gives everybody the same address"}"#
        ),
    ])
    func whatCannotBeAssigned(why: AssignmentError, name: String, parameters: String) throws {
        delegate.assignmentError = why
        #expect(
            try call("Assign", #"{"control_group":"/x","type":"fixed"}"#)
                == error("org.odmd.Manager.\(name)", parameters))
    }

    // MARK: Refusals

    @Test(arguments: [
        ("Acquire", #"{"type":"fixed"}"#), ("Release", #"{"address":"::1"}"#), ("ReleaseAll", "{}"),
        ("Reload", "{}"), ("SetLogLevel", #"{"level":"debug"}"#),
        ("Assign", #"{"control_group":"/","type":"fixed"}"#),
    ])
    func changesNeedPermission(method: String, parameters: String) throws {
        delegate.permits = false
        #expect(try call(method, parameters) == error("org.odmd.Manager.PermissionDenied", "{}"))
        #expect(delegate.journal.all == [])
    }

    @Test(arguments: ["Status", "Metrics", "ListAddresses", "ListSockets", "ListSources"])
    func everybodyMayLook(method: String) throws {
        delegate.permits = false
        #expect(try call(method).hasPrefix(#"{"parameters":"#))
    }

    @Test(arguments: [
        ("Status", #"{"verbose":true}"#, "verbose"), ("ListAddresses", #"{"type":"fixed"}"#, "type"),
        ("Reload", #"{"b":1,"a":2}"#, "a"), ("Status", "[]", "parameters"), ("Status", #""x""#, "parameters"),
        ("Acquire", "{}", "type"), ("Acquire", #"{"type":null}"#, "type"),
        ("Acquire", #"{"type":1}"#, "type"),
        ("Acquire", #"{"type":"Fixed"}"#, "type"), ("Acquire", #"{"type":{"type":"fixed"}}"#, "type"),
        ("Acquire", #"{"type":"fixed","on_net":1}"#, "on_net"),
        ("Acquire", #"{"type":"fixed","on_net":"true"}"#, "on_net"),
        ("Acquire", #"{"type":"fixed","onnet":true}"#, "onnet"), ("Release", "{}", "address"),
        ("Release", #"{"address":"2001:db8::/64"}"#, "address"), ("Release", #"{"address":""}"#, "address"),
        ("Release", #"{"address":["::1"]}"#, "address"), ("Metrics", #"{"type":"fixed"}"#, "type"),
        ("SetLogLevel", "{}", "level"), ("SetLogLevel", #"{"level":"loud"}"#, "level"),
        ("SetLogLevel", #"{"level":7}"#, "level"), ("Assign", #"{"type":"fixed"}"#, "control_group"),
        ("Assign", #"{"control_group":"/","type":"any"}"#, "type"),
        ("Release", #"{"address":"::1","e":1,"d":1,"c":1,"b":1,"a":1}"#, "a"),
    ])
    func wrongParameters(method: String, parameters: String, wrong: String) throws {
        #expect(
            try call(method, parameters)
                == error("org.varlink.service.InvalidParameter", #"{"parameter":"\#(wrong)"}"#))
        #expect(delegate.journal.all == [])
    }

    @Test func parametersMayBeMissingOrNull() throws {
        let status = try call("Status")
        #expect(try reply(#"{"method":"org.odmd.Manager.Status"}"#) == status)
        #expect(try reply(#"{"method":"org.odmd.Manager.Status","parameters":null}"#) == status)
    }

    @Test(arguments: [
        ("org.odmd.Manager.Nothing", "MethodNotFound", #"{"method":"org.odmd.Manager.Nothing"}"#),
        ("org.odmd.Manager.status", "MethodNotFound", #"{"method":"org.odmd.Manager.status"}"#),
        ("org.odmd.Manager.", "MethodNotFound", #"{"method":"org.odmd.Manager."}"#),
        ("org.odmd.Other.Status", "InterfaceNotFound", #"{"interface":"org.odmd.Other"}"#),
        (".Status", "InterfaceNotFound", #"{"interface":""}"#),
        ("Status", "InvalidParameter", #"{"parameter":"method"}"#),
        ("", "InvalidParameter", #"{"parameter":"method"}"#),
    ])
    func noSuchMethod(method: String, name: String, parameters: String) throws {
        #expect(
            try reply(#"{"method":"\#(method)"}"#) == error("org.varlink.service.\(name)", parameters))
    }

    @Test func upgradeIsRefused() throws {
        #expect(
            try reply(#"{"method":"org.odmd.Manager.Status","upgrade":true}"#)
                == error("org.varlink.service.MethodNotImplemented", #"{"method":"org.odmd.Manager.Status"}"#)
        )
    }

    // MARK: Monitor

    @Test func everybodyMayMonitor() throws {
        delegate.permits = false
        #expect(try reply(#"{"method":"org.odmd.Manager.Monitor","more":true}"#) == "events")
    }

    @Test func monitorNeedsMore() throws {
        let error = error("org.varlink.service.ExpectedMore", "{}")
        #expect(try call("Monitor") == error)
        #expect(try reply(#"{"method":"org.odmd.Manager.Monitor","more":false}"#) == error)
    }

    @Test func monitorHasNoParameters() throws {
        #expect(
            try reply(#"{"method":"org.odmd.Manager.Monitor","parameters":{"type":"fixed"},"more":true}"#)
                == error("org.varlink.service.InvalidParameter", #"{"parameter":"type"}"#))
    }

    @Test(arguments: [
        (
            AddressEvent(
                .replaced, of: "2001:db8::1", type: .gracefulReplacement, replacement: "2001:db8:1::1",
                end: Instant(microseconds: 61_500_999)),
            #""address":"2001:db8::1","change":"replaced","ends_in_milliseconds":60000,"#
                + #""replacement":"2001:db8:1::1","time":5,"type":"graceful-replacement""#
        ),
        (
            AddressEvent(.deprecated, of: "2001:db8::2", type: .fixed),
            #""address":"2001:db8::2","change":"deprecated","time":5,"type":"fixed""#
        ),
        (
            AddressEvent(.removed, of: "2001:db8::3", type: .nonPersistent, end: Instant(microseconds: 0)),
            #""address":"2001:db8::3","change":"removed","ends_in_milliseconds":0,"time":5,"type":"non-persistent""#
        ),
        (
            AddressEvent(.restored, of: "2001:db8::4", type: .sessionLasting),
            #""address":"2001:db8::4","change":"restored","time":5,"type":"session-lasting""#
        ),
    ])
    func anEventIsThisText(event: AddressEvent, members: String) {
        let row = EventRow(event, at: Instant(microseconds: 1_500_000), time: 5)
        let text = String(decoding: VarlinkReply.message(of: row), as: UTF8.self)
        #expect(text == #"{"continues":true,"parameters":{"event":{"# + members + "}}}\0")
    }

    @Test func moreIsAnsweredOnce() throws {
        let reply = try reply(#"{"method":"org.odmd.Manager.ListSockets","more":true}"#)
        #expect(reply == #"{"parameters":{"sockets":[]}}"#)
    }
}
