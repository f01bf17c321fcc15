import EventLoop
import Mobility
import NetworkSide

/// `Kind=dhcpv6`: asks DHCPv6 servers for prefixes or addresses, and keeps them as long as they are needed (RFC 8415).
///
/// What to say when is decided in `DHCPv6Association`, one for each lease; here are their clock, their sockets, and the
/// file that they outlive the daemon in.
final class DHCPv6Source: PrefixSource {
    /// What is configured. A change is for what is asked from then on.
    struct Settings: Equatable {
        var content: IdentityAssociation.Content
        var conveyance: Conveyance
    }

    /// A lease, from the question to its end.
    private struct Binding {
        var association: DHCPv6Association
        let request: PrefixRequest
        var interface: InterfaceName
        /// It is being given back, or nobody waits for it: what becomes of it is no news.
        var isLeaving = false
        /// It was granted.
        var isGranted = false
    }

    var settings: Settings
    let name: String
    private let client: ClientIdentifier
    private let interfaceIndex: (InterfaceName) -> UInt32?
    private let loop: EventLoop
    private let log: Log
    private let leases: LeaseDirectory
    private let tell: (PrefixOutcome) -> Void
    private var bindings: [LeaseID: Binding] = [:]
    private var links: [InterfaceName: DHCPv6Link] = [:]
    /// Whose answers are awaited, on each link.
    private var awaited: [InterfaceName: Set<LeaseID>] = [:]
    private var timer: Timer?
    private var armedDeadline: Instant?

    init(
        name: String, settings: Settings, client: ClientIdentifier,
        interfaceIndex: @escaping (InterfaceName) -> UInt32?, loop: EventLoop, log: Log,
        leases: LeaseDirectory,
        tell: @escaping (PrefixOutcome) -> Void
    ) throws {
        self.name = name
        self.settings = settings
        self.client = client
        self.interfaceIndex = interfaceIndex
        self.loop = loop
        self.log = log
        self.leases = leases
        self.tell = tell
        timer = try loop.timer { [unowned self] in deadlinesReached() }
    }

    private var now: Instant { Instant(microseconds: loop.now) }

    // MARK: PrefixSource

    var isIdle: Bool { bindings.isEmpty }

    func ask(_ request: PrefixRequest) {
        guard let interface = request.interface else {
            preconditionFailure("a server is asked on an interface")
        }
        let parameters = parameters(
            settings.content, identifier: freeIdentifier(for: request.type), type: request.type)
        begin(request, on: interface, parameters) { [now] in $0.solicit(at: now, &$1) }
    }

    func cancel(_ id: LeaseID) { leave(id) { [now] in $0.release(at: now, &$1) } }

    func giveBack(_ id: LeaseID) { leave(id) { [now] in $0.release(at: now, &$1) } }

    func decline(_ id: LeaseID) { leave(id) { [now] in $0.decline(at: now, &$1) } }

    func rebind(_ id: LeaseID, interface: InterfaceName?) {
        if let binding = bindings[id], let interface, interface != binding.interface {
            closeLinkIfIdle(binding.interface, without: id)
            bindings[id]?.interface = interface
        }
        change(id) { [now] in $0.rebind(at: now, &$1) }
    }

    /// Goes on with a lease of an earlier run.
    func adopt(_ stored: StoredLease) -> Bool {
        guard let lease = stored.lease, let interface = lease.interface,
            let known = stored.dhcpv6?.lease(lease, at: now)
        else { return false }
        let parameters = parameters(known.content, identifier: known.identifier, type: known.type)
        let request = PrefixRequest(
            id: lease.id, source: name, type: lease.type, interface: interface, isOnNet: lease.isOnNet)
        begin(request, on: interface, parameters) { [now] in $0.resume(known, at: now, &$1) }
        bindings[lease.id]?.isGranted = true
        return true
    }

    // MARK: Associations

    private func parameters(
        _ content: IdentityAssociation.Content, identifier: UInt32, type: ContinuityType
    ) -> DHCPv6Association.Parameters {
        DHCPv6Association.Parameters(
            clientIdentifier: client.octets, content: content, identifier: identifier, type: type,
            conveyance: settings.conveyance)
    }

    private func begin(
        _ request: PrefixRequest, on interface: InterfaceName, _ parameters: DHCPv6Association.Parameters,
        _ body: (inout DHCPv6Association, inout [DHCPv6Association.Output]) -> Void
    ) {
        bindings[request.id] = Binding(
            association: DHCPv6Association(parameters, seed: .random(in: 0 ... .max)), request: request,
            interface: interface)
        change(request.id, body)
    }

    private func leave(
        _ id: LeaseID, _ body: (inout DHCPv6Association, inout [DHCPv6Association.Output]) -> Void
    ) {
        guard bindings[id] != nil else { return }
        bindings[id]?.isLeaving = true
        leases.forget(id)
        change(id, body)
    }

    /// Tells an association something, and does what it says.
    private func change(
        _ id: LeaseID, _ body: (inout DHCPv6Association, inout [DHCPv6Association.Output]) -> Void
    ) {
        var outputs: [DHCPv6Association.Output] = []
        guard let place = bindings.index(forKey: id) else { return }
        body(&bindings.values[place].association, &outputs)
        for output in outputs { perform(output, id) }
        armTimer(for: id)
        closeLinkIfIdle(after: id)
    }

    private func perform(_ output: DHCPv6Association.Output, _ id: LeaseID) {
        guard let binding = bindings[id] else { return }
        switch output {
        case .send(let message): link(on: binding.interface).send(message)
        case .bound(let lease): bound(lease, binding)
        case .changed(let lease): if !binding.isLeaving { store(lease, binding) }
        case .refused(let failure):
            guard !binding.isLeaving else { return }
            tell(.refused(id, .networkRefused, explanation: failure.description))
        case .lost(let loss):
            leases.forget(id)
            guard !binding.isLeaving else { return }
            bindings[id]?.isLeaving = true
            tell(.withdrawn(id, explanation: loss.description))
        case .ended:
            bindings[id] = nil
            closeLinkIfIdle(binding.interface, without: id)
        }
    }

    private func bound(_ lease: DHCPv6Lease, _ binding: Binding) {
        // An association may bind once more: what it had was lost, and that was told.
        guard !binding.isLeaving, !binding.isGranted else { return }
        bindings[binding.request.id]?.isGranted = true
        store(lease, binding)
        tell(.granted(Self.prefix(lease, binding)))
    }

    private func store(_ lease: DHCPv6Lease, _ binding: Binding) {
        // A lease that goes with its last socket is of no use after the machine was started again.
        leases.keep(
            StoredLease(Self.prefix(lease, binding), dhcpv6: StoredLease.DHCPv6(lease, at: now)),
            isDurable: binding.request.type == .fixed)
    }

    private static func prefix(_ lease: DHCPv6Lease, _ binding: Binding) -> LeasedPrefix {
        LeasedPrefix(
            id: binding.request.id, source: binding.request.source, type: lease.type, prefix: lease.prefix,
            interface: binding.interface, isOnNet: binding.request.isOnNet)
    }

    // MARK: Time

    /// An earlier deadline than is armed for is armed for. A later one will be seen when the timer fires.
    private func armTimer(for id: LeaseID) {
        guard let deadline = bindings[id]?.association.nextDeadline else { return }
        if let armedDeadline, armedDeadline <= deadline { return }
        armedDeadline = deadline
        timer?.arm(at: deadline.microseconds)
    }

    private func deadlinesReached() {
        let now = now
        armedDeadline = nil
        let due = bindings.filter { $0.value.association.nextDeadline.map { $0 <= now } ?? false }
        for id in due.keys.sorted() { change(id) { $0.deadlineReached(at: now, &$1) } }
        for id in bindings.keys { armTimer(for: id) }
    }

    // MARK: Links

    private func link(on interface: InterfaceName) -> DHCPv6Link {
        if let link = links[interface] { return link }
        let link = DHCPv6Link(interface: interface, index: interfaceIndex, loop: loop, log: log) {
            [unowned self] message in received(message, on: interface)
        }
        links[interface] = link
        return link
    }

    private func closeLinkIfIdle(after id: LeaseID) {
        guard let binding = bindings[id] else { return }
        guard binding.association.transactionIdentifier == nil else {
            awaited[binding.interface, default: []].insert(id)
            return
        }
        closeLinkIfIdle(binding.interface, without: id)
    }

    private func closeLinkIfIdle(_ interface: InterfaceName, without id: LeaseID) {
        awaited[interface]?.remove(id)
        if awaited[interface]?.isEmpty ?? true { links[interface]?.close() }
    }

    private func received(_ message: Span<UInt8>, on interface: InterfaceName) {
        guard let transaction = DHCPv6Message.transactionIdentifier(in: message) else { return }
        let asked = awaited[interface, default: []].filter {
            bindings[$0]?.association.transactionIdentifier == transaction
        }
        for id in asked.sorted() {
            change(id) { [now] association, outputs in
                let reception = association.receive(message, at: now, &outputs)
                log.debug("source \(name): a DHCPv6 message on \(interface): \(reception)")
            }
        }
    }
}

// IAIDs (RFC 8415, section 12): from the type, the source and the instance, so that the first lease of a type has the
// same one always, and a server gives the same prefix for it.
extension DHCPv6Source {
    private func freeIdentifier(for type: ContinuityType) -> UInt32 {
        let taken = Set(bindings.values.map(\.association.parameters.identifier))
        let first = UInt32(type.rawValue) << 28 | Self.fingerprint(of: name) << 16
        // There are fewer leases than addresses of a source, and fewer of these than instances.
        return (0...UInt32(UInt16.max)).lazy.map { first | $0 }.first { !taken.contains($0) } ?? first
    }

    /// 12 bits that tell two sources of one client from each other (FNV-1a).
    private static func fingerprint(of name: String) -> UInt32 {
        let hash = name.utf8.reduce(0x811c_9dc5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
        return (hash ^ hash >> 12 ^ hash >> 24) & 0xfff
    }
}
