internal import CNetlink
public import Mobility

/// `from source lookup table`, a policy rule of ours.
public struct Rule: Hashable, Sendable {
    public var source: IPv6Prefix
    public var table: UInt32
    /// A lower number is looked at earlier.
    public var priority: UInt32
    /// Default routes of the table count as well; else the rules after this decide where there is no better route
    /// (FRA_SUPPRESS_PREFIXLEN).
    public var usesDefaultRoutes: Bool

    public init(source: IPv6Prefix, table: UInt32, priority: UInt32, usesDefaultRoutes: Bool = true) {
        self.source = source
        self.table = table
        self.priority = priority
        self.usesDefaultRoutes = usesDefaultRoutes
    }
}

extension Rule {
    /// RTM_NEWRULE or RTM_DELRULE; nil if it is not ours.
    init?(_ message: NetlinkMessage) {
        guard let header = message.familyHeader(as: fib_rule_hdr.self), header.family == AF_INET6,
            header.src_len <= 128
        else { return nil }
        var isOurs = false
        var source = IPv6Address.unspecified
        self.init(source: IPv6Prefix(source, length: 0), table: UInt32(header.table), priority: 0)
        for attribute in message.attributes(after: fib_rule_hdr.self) {
            switch attribute.type {
            case Int(FRA_PROTOCOL): isOurs = attribute.value() == RoutingProtocol.odmd
            case Int(FRA_SRC): source = attribute.address ?? source
            case Int(FRA_TABLE): table = attribute.value() ?? table
            case Int(FRA_SUPPRESS_PREFIXLEN): usesDefaultRoutes = (attribute.value() as UInt32?) != 0
            case Int(FRA_PRIORITY): priority = attribute.value() ?? priority
            default: break
            }
        }
        guard isOurs else { return nil }
        self.source = IPv6Prefix(source, length: header.src_len)
    }

    /// RTM_NEWRULE or RTM_DELRULE. The protocol makes sure that only a rule of ours is removed.
    func request(_ type: Int, flags: Int32) -> NetlinkRequest {
        let request = NetlinkRequest(type, flags: flags)
        var header = fib_rule_hdr()
        header.family = UInt8(AF_INET6)
        header.src_len = source.length
        header.action = UInt8(FR_ACT_TO_TBL)
        request.append(header)
        if source.length > 0 { request.put(Int(FRA_SRC), source.address) }
        request.put(Int(FRA_TABLE), table)
        request.put(Int(FRA_PRIORITY), priority)
        if !usesDefaultRoutes { request.put(Int(FRA_SUPPRESS_PREFIXLEN), 0 as UInt32) }
        request.put(Int(FRA_PROTOCOL), RoutingProtocol.odmd)
        return request
    }
}
