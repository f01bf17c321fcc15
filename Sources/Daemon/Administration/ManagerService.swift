import EventLoop
import Mobility
import Posix

/// Turns calls into replies: every method of the interfaces that are served.
final class ManagerService {
    /// Errors of a configuration that are reported; more would only bury the first.
    static let mostConfigurationErrors = 1000

    unowned let delegate: any AdministrationDelegate
    private let holds: HoldKeeper

    init(delegate: any AdministrationDelegate) {
        self.delegate = delegate
        holds = HoldKeeper(delegate: delegate)
    }

    /// Answers a call, exactly once, at once or later.
    ///
    /// - Parameter standing: what the policy asks of the caller, if a method wants to know.
    func serve(
        _ call: VarlinkCall, from peer: PeerCredentials, standing: () -> Standing? = { nil },
        _ answer: @escaping (VarlinkReply) -> Void
    ) {
        do throws(VarlinkError) {
            guard !call.wantsUpgrade else { throw VarlinkError.methodNotImplemented(call.method) }
            if call.method == "org.odmd.Manager.Acquire" {
                try acquire(call, peer, answer)
            } else {
                answer(try reply(to: call, peer, standing))
            }
        } catch {
            answer(VarlinkReply(error: error))
        }
    }

    private func reply(
        to call: VarlinkCall, _ peer: PeerCredentials, _ standing: () -> Standing?
    ) throws(VarlinkError) -> VarlinkReply {
        switch call.method {
        case "org.varlink.service.GetInfo": try getInfo(call)
        case "org.varlink.service.GetInterfaceDescription": try getInterfaceDescription(call)
        case "org.odmd.Manager.Status": try status(call)
        case "org.odmd.Manager.Metrics": try metrics(call)
        case "org.odmd.Manager.ListAddresses": try listAddresses(call)
        case "org.odmd.Manager.ListSockets": try listSockets(call)
        case "org.odmd.Manager.ListSources": try listSources(call)
        case "org.odmd.Manager.ListRules": try listRules(call)
        case "org.odmd.Manager.GetConfiguration": try getConfiguration(call, peer)
        case "org.odmd.Manager.Explain": try explain(call, peer, standing)
        case "org.odmd.Manager.Monitor": try monitor(call)
        case "org.odmd.Manager.ListAssignments": try listAssignments(call)
        case "org.odmd.Manager.Assign": try assign(call, peer)
        case "org.odmd.Manager.Release": try release(call, peer)
        case "org.odmd.Manager.ReleaseAll": try releaseAll(call, peer)
        case "org.odmd.Manager.Reload": try reload(call, peer)
        case "org.odmd.Manager.SetLogLevel": try setLogLevel(call, peer)
        default: throw notFound(call)
        }
    }

    private func notFound(_ call: VarlinkCall) -> VarlinkError {
        guard let interface = call.interface.map(String.init) else { return .invalidParameter("method") }
        guard ManagerInterface.description(of: interface) != nil else { return .interfaceNotFound(interface) }
        return .methodNotFound(call.method)
    }

    func requireChange(_ peer: PeerCredentials) throws(VarlinkError) {
        guard delegate.mayChange(peer) else { throw .permissionDenied }
    }

    // MARK: org.varlink.service

    private func getInfo(_ call: VarlinkCall) throws(VarlinkError) -> VarlinkReply {
        _ = try call.parameters()
        return VarlinkReply(ServiceInfo(version: delegate.status.version))
    }

    private func getInterfaceDescription(_ call: VarlinkCall) throws(VarlinkError) -> VarlinkReply {
        let interface = try call.parameters(named: "interface").string("interface")
        guard let text = ManagerInterface.description(of: interface) else {
            throw .interfaceNotFound(interface)
        }
        return VarlinkReply(["description": text])
    }

    // MARK: Showing

    private func status(_ call: VarlinkCall) throws(VarlinkError) -> VarlinkReply {
        _ = try call.parameters()
        return VarlinkReply(delegate.status)
    }

    private func metrics(_ call: VarlinkCall) throws(VarlinkError) -> VarlinkReply {
        _ = try call.parameters()
        return VarlinkReply(["text": delegate.metrics])
    }

    private func listAddresses(_ call: VarlinkCall) throws(VarlinkError) -> VarlinkReply {
        _ = try call.parameters()
        let list = ListReply("addresses", of: delegate.addressSummaries()) { [delegate] summary in
            AddressRow(summary, interfaceName: summary.interfaceIndex.flatMap(delegate.interfaceName))
        }
        return VarlinkReply(list: list)
    }

    private func listSockets(_ call: VarlinkCall) throws(VarlinkError) -> VarlinkReply {
        _ = try call.parameters()
        return VarlinkReply(list: ListReply("sockets", of: delegate.socketSummaries(), row: SocketRow.init))
    }

    private func listSources(_ call: VarlinkCall) throws(VarlinkError) -> VarlinkReply {
        _ = try call.parameters()
        return VarlinkReply(list: ListReply("sources", of: delegate.sourceSummaries(), row: SourceRow.init))
    }

    private func listRules(_ call: VarlinkCall) throws(VarlinkError) -> VarlinkReply {
        _ = try call.parameters()
        return VarlinkReply(list: ListReply("rules", of: delegate.rules, row: RuleRow.init))
    }

    private func getConfiguration(
        _ call: VarlinkCall, _ peer: PeerCredentials
    ) throws(VarlinkError) -> VarlinkReply {
        _ = try call.parameters()
        let showsSecrets = delegate.mayChange(peer)
        let list = ListReply("settings", of: delegate.settings) { SettingRow($0, showsSecrets: showsSecrets) }
        return VarlinkReply(list: list)
    }

    private func explain(
        _ call: VarlinkCall, _ peer: PeerCredentials, _ standing: () -> Standing?
    ) throws(VarlinkError) -> VarlinkReply {
        let parameters = try call.parameters(named: "type", "on_net", "pid", "user", "groups", "unit")
        guard let type = ContinuityType(name: try parameters.string("type")) else {
            throw .invalidParameter("type")
        }
        let (user, standing) = try Self.whoAsks(parameters, peer, standing)
        var request = AddressRequest(
            id: RequestID(0), type: type, onNet: try parameters.optionalBool("on_net"),
            requester: Requester(cookie: 0, transport: 0, user: user, process: 0))
        request.standing = standing
        let explanation = delegate.explain(request)
        return VarlinkReply(
            ExplanationRow(explanation, user, standing, by: delegate.rules[explanation.rule]))
    }

    private func monitor(_ call: VarlinkCall) throws(VarlinkError) -> VarlinkReply {
        _ = try call.parameters()
        guard call.wantsMore else { throw .expectedMore }
        return .events
    }

    // MARK: Changing

    private func acquire(
        _ call: VarlinkCall, _ peer: PeerCredentials, _ answer: @escaping (VarlinkReply) -> Void
    ) throws(VarlinkError) {
        let parameters = try call.parameters(named: "type", "on_net")
        guard let type = ContinuityType(name: try parameters.string("type")) else {
            throw .invalidParameter("type")
        }
        let onNet = try parameters.optionalBool("on_net")
        try requireChange(peer)
        holds.acquire(type, onNet: onNet, answer)
    }

    private func release(_ call: VarlinkCall, _ peer: PeerCredentials) throws(VarlinkError) -> VarlinkReply {
        let text = try call.parameters(named: "address").string("address")
        guard let address = IPv6Address(text) else { throw .invalidParameter("address") }
        try requireChange(peer)
        return switch delegate.release(address) {
        case .notOurs: throw .addressNotFound(address.description)
        case .removed: VarlinkReply(Released(removed: true, sockets: 0))
        case .leaving(let sockets): VarlinkReply(Released(removed: false, sockets: sockets))
        }
    }

    private func releaseAll(
        _ call: VarlinkCall, _ peer: PeerCredentials
    ) throws(VarlinkError) -> VarlinkReply {
        _ = try call.parameters()
        try requireChange(peer)
        let (removed, leaving) = delegate.releaseAll()
        return VarlinkReply(["removed": removed, "leaving": leaving])
    }

    private func reload(_ call: VarlinkCall, _ peer: PeerCredentials) throws(VarlinkError) -> VarlinkReply {
        _ = try call.parameters()
        try requireChange(peer)
        let errors = delegate.reload()
        guard errors.isEmpty else {
            throw .configurationInvalid(Array(errors.prefix(Self.mostConfigurationErrors)))
        }
        return VarlinkReply()
    }

    private func setLogLevel(
        _ call: VarlinkCall, _ peer: PeerCredentials
    ) throws(VarlinkError) -> VarlinkReply {
        let name = try call.parameters(named: "level").string("level")
        guard let level = LogLevel(name: name) else { throw .invalidParameter("level") }
        try requireChange(peer)
        delegate.setLogLevel(level)
        return VarlinkReply()
    }

    private struct Released: Encodable {
        var removed: Bool
        var sockets: Int
    }

    private struct ServiceInfo: Encodable {
        var vendor = "odmd"
        var product = "odmd"
        var version: String
        /// Of what the product implements.
        var url = "https://www.rfc-editor.org/info/rfc8653"
        var interfaces = [ManagerInterface.name, ManagerInterface.serviceName]
    }
}

extension ManagerService {
    /// Whom `Explain` is about: a process, somebody with the properties that are given, or else the caller.
    fileprivate static func whoAsks(
        _ parameters: VarlinkParameters, _ peer: PeerCredentials, _ standing: () -> Standing?
    ) throws(VarlinkError) -> (user: UInt32, Standing) {
        let process: Int32? = try parameters.optionalNumber("pid")
        let user: UInt32? = try parameters.optionalNumber("user")
        let groups = try parameters.optionalNumbers("groups")
        let unit = try parameters.optionalString("unit")
        if user != nil || groups != nil || unit != nil {
            guard process == nil else { throw .invalidParameter("pid") }
            guard let user else { throw .invalidParameter("user") }
            return (user, Standing(groups: groups ?? [], unit: unit.map(ServiceUnit.named) ?? .none))
        }
        if process == nil, let standing = standing() { return (peer.user, standing) }
        let asking = process ?? peer.process
        guard asking > 0, let credentials = try? ProcessCredentials(of: asking) else {
            throw .processNotFound(asking)
        }
        return (
            credentials.user, Standing(groups: credentials.groups, unit: ServiceUnit(ofProcess: asking))
        )
    }
}
