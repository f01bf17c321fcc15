import EventLoop
import Mobility
import Posix

/// `networks` in the runtime directory: on which network each uplink is, so that a daemon that starts notices that the
/// host has moved while there was none.
final class NetworkRecords {
    /// Octets. A network takes about a hundred.
    private static let sizeLimit = 1 << 16

    /// As it is in the file.
    struct Contents: Codable, Equatable {
        /// Where interface indices and CLOCK_BOOTTIME mean the same: a start of the machine, and a network namespace.
        var boot: String
        var namespace: UInt64
        var networks: [Network]
    }

    struct Network: Codable, Equatable {
        var interface: UInt32
        /// Microseconds on CLOCK_BOOTTIME.
        var since: UInt64
        var routers: [String]
    }

    private let path: String
    private let log: Log
    private var contents: Contents
    private var isBroken = false

    init(runtimeDirectory: String, namespace: UInt64, log: Log) {
        path = "\(runtimeDirectory)/networks"
        self.log = log
        let boot = BootIdentifier.current()
        contents = Contents(
            boot: "\(String(boot.high, radix: 16))-\(String(boot.low, radix: 16))", namespace: namespace,
            networks: [])
    }

    /// What an earlier run kept. Without it a move while there was no daemon is not noticed, and nothing else.
    func load() -> [KnownNetwork] {
        guard let text = try? File.read(path, limit: Self.sizeLimit) else { return [] }
        let found = Json.decode(Contents.self, from: text)
        let networks = found?.networks.compactMap(KnownNetwork.init) ?? []
        guard let found, networks.count == found.networks.count else {
            log.warning("\(path): it is not of this version, or damaged; going on without")
            return []
        }
        guard found.boot == contents.boot, found.namespace == contents.namespace else { return [] }
        contents = found
        return networks
    }

    func keep(_ network: KnownNetwork) {
        contents.networks.removeAll { $0.interface == network.interfaceIndex }
        if !network.routers.isEmpty { contents.networks.append(Network(network)) }
        do {
            try File.replace(path, with: Json.encode(contents), mode: 0o600, isDurable: false)
            isBroken = false
        } catch {
            if !isBroken { log.error("\(error); a move while odmd is not running will not be noticed") }
            isBroken = true
        }
    }
}

extension KnownNetwork {
    fileprivate init?(_ network: NetworkRecords.Network) {
        let routers = network.routers.compactMap { IPv6Address($0) }
        guard !routers.isEmpty, routers.count == network.routers.count else { return nil }
        self.init(
            interfaceIndex: network.interface, since: Instant(microseconds: network.since), routers: routers)
    }
}

extension NetworkRecords.Network {
    fileprivate init(_ network: KnownNetwork) {
        self.init(
            interface: network.interfaceIndex, since: network.since.microseconds,
            routers: network.routers.map(\.description))
    }
}
