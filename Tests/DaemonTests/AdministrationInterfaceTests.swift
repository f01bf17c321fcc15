import Foundation
import Mobility
import Testing

@testable import Daemon
@testable import Posix

/// The description of the interface, the service and the documentation say the same.
@Suite struct AdministrationInterfaceTests {
    let delegate = FakeDelegate()
    let service: ManagerService

    init() {
        service = ManagerService(delegate: delegate)
        delegate.addSamples()
        delegate.answer = .granted(Grant(address: "2001:db8::1", type: .fixed))
    }

    /// The reply to a call, parsed.
    private func reply(_ method: String, _ parameters: String = "{}") throws -> [String: Any] {
        let message = #"{"method":"\#(method)","parameters":\#(parameters),"more":true}"#
        let call = try #require(VarlinkCall(Array(message.utf8)))
        var octets: [UInt8] = []
        service.serve(call, from: PeerCredentials(process: Process.identifier, user: 0, group: 0)) { reply in
            switch reply.content {
            case .message(let message): octets = message
            case .list(var list): while let piece = list.nextPiece() { octets += piece }
            case .events: octets = VarlinkReply.message(of: .sample)
            }
        }
        let object = try JSONSerialization.jsonObject(with: Data(octets.dropLast()))
        return try #require(object as? [String: Any])
    }

    static let goodParameters = [
        "Acquire": #"{"type":"fixed"}"#, "Explain": #"{"type":"fixed"}"#,
        "Release": #"{"address":"2001:db8::1"}"#,
        "SetLogLevel": #"{"level":"debug"}"#, "Assign": #"{"control_group":"/"}"#,
        "GetInterfaceDescription": #"{"interface":"org.odmd.Manager"}"#,
    ]

    @Test(arguments: [ManagerInterface.name, ManagerInterface.serviceName])
    func everyMethodIsServedAsDescribed(interface: String) throws {
        let definition = try VarlinkDefinition(try #require(ManagerInterface.description(of: interface)))
        #expect(definition.name == interface)
        for (method, (_, output)) in definition.methods {
            let reply = try reply("\(interface).\(method)", Self.goodParameters[method] ?? "{}")
            let parameters = try #require(reply["parameters"] as? [String: Any], "\(method): \(reply)")
            check(parameters, has: output, in: definition, method)
        }
    }

    /// Checks names, presence and JSON types of the members of an object.
    private func check(
        _ object: [String: Any], has fields: VarlinkDefinition.Fields, in definition: VarlinkDefinition,
        _ place: String
    ) {
        let unknown = Set(object.keys).subtracting(fields.map(\.name))
        #expect(unknown.isEmpty, "\(place) has undescribed members")
        for field in fields {
            let isOptional = field.type.hasPrefix("?")
            let type = isOptional ? String(field.type.dropFirst()) : field.type
            guard let value = object[field.name] else {
                #expect(isOptional, "\(place).\(field.name) is missing")
                continue
            }
            check(value, is: type, in: definition, "\(place).\(field.name)")
        }
    }

    private func check(_ value: Any, is type: String, in definition: VarlinkDefinition, _ place: String) {
        if type.hasPrefix("[]") {
            guard let array = value as? [Any] else {
                Issue.record("\(place) is no array")
                return
            }
            for element in array { check(element, is: String(type.dropFirst(2)), in: definition, place) }
        } else if let fields = definition.types[type], fields.allSatisfy(\.type.isEmpty) {
            let names = fields.map(\.name)
            #expect((value as? String).map(names.contains) == true, "\(place) is no \(type)")
        } else if let fields = definition.types[type] {
            check(value as? [String: Any] ?? ["": value], has: fields, in: definition, place)
        } else {
            // Foundation does not tell 1 from true; the service's tests compare the text.
            let isRight =
                switch type {
                case "bool": value is Bool
                case "int": value is Int
                case "string": value is String
                default: false
                }
            #expect(isRight, "\(place) is no \(type)")
        }
    }

    @Test func everyServedMethodIsDescribed() throws {
        let source = try String(
            contentsOf: Self.file("Sources/Daemon/Administration/ManagerService.swift"), encoding: .utf8)
        let served = source.matches(of: /"(org\.[A-Za-z.]+)\.([A-Za-z]+)"/).map { ($0.1, $0.2) }
        #expect(served.count == 18)
        for (interface, method) in served {
            let description = try #require(ManagerInterface.description(of: String(interface)))
            #expect(try VarlinkDefinition(description).methods[String(method)] != nil, "\(method)")
        }
    }

    @Test func everyErrorIsDescribed() throws {
        let errors: [VarlinkError] = [
            .interfaceNotFound("a"), .methodNotFound("a"), .methodNotImplemented("a"), .invalidParameter("a"),
            .expectedMore, .permissionDenied, .requestRefused(.exhausted), .processNotFound(1),
            .addressNotFound("a"), .hooksNotUsed, .controlGroupNotFound("a"), .assignmentRefused("a"),
            .configurationInvalid(["a"]),
        ]
        var described = 0
        for interface in [ManagerInterface.name, ManagerInterface.serviceName] {
            let definition = try VarlinkDefinition(try #require(ManagerInterface.description(of: interface)))
            described += definition.errors.count
            for error in errors where error.name.hasPrefix(interface + ".") {
                let fields = try #require(
                    definition.errors[String(error.name.dropFirst(interface.count + 1))])
                let json = try JSONSerialization.jsonObject(with: Data(Json.encode(error)))
                check(try #require(json as? [String: Any]), has: fields, in: definition, error.name)
            }
        }
        #expect(described == errors.count)
    }

    @Test(arguments: [
        Refusal.denied(rule: 0), .overQuota(rule: 0), .tooManyNetworkRequests, .noSource, .exhausted,
        .duplicate, .noNetwork, .tooManyAddresses, .tooManySockets,
        .socketDestroyed, .timedOut, .kernel(1),
    ])
    func everyReasonIsDescribed(refusal: Refusal) throws {
        let reasons = try #require(try VarlinkDefinition(ManagerInterface.manager).types["RefusalReason"])
        #expect(reasons.map(\.name).contains(refusal.reason))
    }

    @Test func documentationHasTheServedText() throws {
        let page = try String(contentsOf: Self.file("docs/admin-interface.md"), encoding: .utf8)
        #expect(page.contains("```varlink\n" + ManagerInterface.manager + "```\n"))
    }

    @Test func linesFitATerminal() {
        for line in ManagerInterface.manager.split(separator: "\n") { #expect(line.count <= 110) }
    }

    @Test(arguments: [
        "", "interface", "interface a.b type", "interface a.b type lower ()", "interface a.b type A (a: )",
        "interface a.b type A (a-b: int)", "interface a.b type A (_a: int)",
        "interface a.b type A (a: integer)",
        "interface a.b type A (a, b: int)", "interface a.b method A()", "interface a.b method A() -> ",
        "interface a.b thing A ()", "interface a.b error A (a: int,)",
    ])
    func theCheckerIsStrict(text: String) {
        #expect(throws: VarlinkDefinition.SyntaxError.self) { try VarlinkDefinition(text) }
    }

    private static func file(_ path: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../\(path)")
    }
}
