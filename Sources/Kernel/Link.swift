internal import CNetlink
public import Mobility

/// A network interface.
public struct Link: Equatable, Sendable {
    public var index: UInt32
    public var name: InterfaceName
    /// The administrator wants it (IFF_UP).
    public var isUp: Bool
    /// It has carrier as well (IFF_RUNNING).
    public var isRunning: Bool

    public init(index: UInt32, name: InterfaceName, isUp: Bool, isRunning: Bool) {
        self.index = index
        self.name = name
        self.isUp = isUp
        self.isRunning = isRunning
    }
}

extension Link {
    /// RTM_NEWLINK or RTM_DELLINK; nil if it is malformed or not about the interface as such: a bridge
    /// reports its ports by the same messages with family AF_BRIDGE, and a port that leaves it is not gone.
    init?(_ message: NetlinkMessage) {
        guard let header = message.familyHeader(as: ifinfomsg.self), header.ifi_family == AF_UNSPEC,
            let name = message.attributes(after: ifinfomsg.self).first(where: { $0.type == IFLA_IFNAME }),
            let name = InterfaceName(name.text)
        else { return nil }
        self.init(
            index: UInt32(bitPattern: header.ifi_index), name: name,
            isUp: header.ifi_flags & UInt32(IFF_UP) != 0,
            isRunning: header.ifi_flags & UInt32(IFF_RUNNING) != 0)
    }
}
