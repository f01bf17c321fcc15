import Mobility
import NetworkSide

/// A prefix that a source has given us, as its file has it. Moments are milliseconds since 1970 (UTC), because
/// no other clock goes on while the machine is off.
struct StoredLease: Codable, Equatable {
    /// What a DHCPv6 client must know to go on with a lease (RFC 8415).
    struct DHCPv6: Codable, Equatable {
        /// "prefix" for an IA_PD, "address" for an IA_NA.
        var content: String
        var iaid: UInt32
        /// The server's DUID in hexadecimal digits.
        var server: String
        /// T1, T2 and lifetimes in seconds, 4294967295 for ever.
        var renewSeconds: UInt32
        var rebindSeconds: UInt32
        var preferredSeconds: UInt32
        var validSeconds: UInt32
        /// The time that they count from.
        var receivedAt: Int64
    }

    /// What is to be told to a helper program.
    struct Helper: Codable, Equatable {
        /// What the program knows the prefix by.
        var identifier: String
        /// What the program wants to be told again.
        var token: String?
        var validUntil: Int64?
    }

    /// Moments that a clock may show, to the end of the year 9999: another is damage, and might not be counted with.
    static let moments: ClosedRange<Int64> = 0...253_402_300_800_000
    /// Numbers of leases count from 1, one for each question; no run gets so far as to leave no room for the next.
    private static let numbers: ClosedRange<UInt64> = 1...1 << 62
    private static let currentVersion = 1

    var version = Self.currentVersion
    var id: UInt64
    var source: String
    var type: String
    var prefix: String
    var interface: String?
    var onNet: Bool
    var dhcpv6: DHCPv6?
    var helper: Helper?

    init(_ lease: LeasedPrefix, dhcpv6: DHCPv6? = nil, helper: Helper? = nil) {
        id = lease.id.number
        source = lease.source
        type = lease.type.description
        prefix = lease.prefix.description
        interface = lease.interface?.description
        onNet = lease.isOnNet
        self.dhcpv6 = dhcpv6
        self.helper = helper
    }

    /// It is of our version, and somebody may have given what it says.
    var makesSense: Bool {
        guard version == Self.currentVersion, Self.numbers.contains(id), isNameOfSource, let lease,
            lease.prefix.isAssignable, interface != "lo"
        else { return false }
        return switch (dhcpv6, helper) {
        case (let dhcpv6?, nil): dhcpv6.makesSense(of: lease)
        case (nil, let helper?): helper.makesSense
        case (nil, nil), (_?, _?): false
        }
    }

    private var isNameOfSource: Bool { (try? SectionName("Source \(source)")) == .source(source) }

    /// What servers know a lease by: of a source no other has its number.
    struct Association: Hashable {
        var source: String
        var iaid: UInt32
    }

    var association: Association? { dhcpv6.map { Association(source: source, iaid: $0.iaid) } }

    /// Nil if it says nothing that is one.
    var lease: LeasedPrefix? {
        guard let type = ContinuityType(name: type), let prefix = IPv6Prefix(prefix) else { return nil }
        var name: InterfaceName?
        if let interface {
            name = InterfaceName(interface)
            if name == nil { return nil }
        }
        return LeasedPrefix(
            id: LeaseID(id), source: source, type: type, prefix: prefix, interface: name, isOnNet: onNet)
    }
}
