internal import CNetlink
public import Mobility

/// What the kernel refused, and why.
///
/// Reads as a log line: `add address 2001:db8::1/128 on lo: File exists (EEXIST): address already assigned`.
public struct KernelError: Error, Equatable {
    public let operation: Operation
    /// The positive errno.
    public let errno: Int32
    /// The kernel's own words (NLMSGERR_ATTR_MSG), where it has any.
    public let explanation: String?

    public init(operation: Operation, errno: Int32, explanation: String? = nil) {
        self.operation = operation
        self.errno = errno
        self.explanation = explanation
    }

    /// What was asked for. Interfaces are named when the error is read, not when it is made.
    public enum Operation: Equatable, Sendable {
        case openRouteSocket
        case openRouteMonitor
        case openRouterMonitor
        case openSocketDeathMonitor
        case openSocketDiagnosis
        case addAddress(IPv6Address, prefixLength: UInt8, interfaceIndex: UInt32)
        case replaceAddress(IPv6Address, prefixLength: UInt8, interfaceIndex: UInt32)
        case removeAddress(IPv6Address, prefixLength: UInt8, interfaceIndex: UInt32)
        case listAddresses
        case listLinks
        case listDefaultRouters
        case addRule(from: IPv6Prefix, table: UInt32)
        case removeRule(from: IPv6Prefix, table: UInt32)
        case listRules
        case addRoute(IPv6Prefix, table: UInt32)
        case replaceRoute(IPv6Prefix, table: UInt32)
        case removeRoute(IPv6Prefix, table: UInt32)
        case listRoutes
        case findNeighbour(IPv6Address, interfaceIndex: UInt32)
        case changeNeighbour(IPv6Address, interfaceIndex: UInt32)
        case receiveRouteNotices
        case receiveRouterNotices
        case receiveSocketDeaths
        case listSockets(boundIn: IPv6Prefix)
        case abortSockets(boundTo: IPv6Address)
    }
}

extension KernelError: CustomStringConvertible {
    public var description: String {
        let line = "\(operation): \(Self.text(of: errno))"
        guard let explanation else { return line }
        return "\(line): \(explanation)"
    }

    private static func text(of errno: Int32) -> String {
        guard let text = unsafe strerrordesc_np(errno), let name = unsafe strerrorname_np(errno) else {
            return "error \(errno)"
        }
        return unsafe "\(String(cString: text)) (\(String(cString: name)))"
    }
}

extension KernelError.Operation: CustomStringConvertible {
    public var description: String {
        switch self {
        case .openRouteSocket: "open the rtnetlink socket"
        case .openRouteMonitor: "subscribe to links, addresses and routes"
        case .openRouterMonitor: "subscribe to router advertisements"
        case .openSocketDeathMonitor: "subscribe to socket deaths"
        case .openSocketDiagnosis: "open the sock_diag socket"
        case .addAddress(let address, let length, let index):
            "add address \(address)/\(length) on \(Self.interfaceName(index))"
        case .replaceAddress(let address, let length, let index):
            "replace address \(address)/\(length) on \(Self.interfaceName(index))"
        case .removeAddress(let address, let length, let index):
            "remove address \(address)/\(length) from \(Self.interfaceName(index))"
        case .listAddresses: "list addresses"
        case .listLinks: "list interfaces"
        case .listDefaultRouters: "list default routers"
        case .addRule(let prefix, let table): "add rule from \(prefix) lookup \(table)"
        case .removeRule(let prefix, let table): "remove rule from \(prefix) lookup \(table)"
        case .listRules: "list rules"
        case .addRoute(let prefix, let table): "add route \(prefix) to table \(table)"
        case .replaceRoute(let prefix, let table): "replace route \(prefix) in table \(table)"
        case .removeRoute(let prefix, let table): "remove route \(prefix) from table \(table)"
        case .listRoutes: "list routes"
        case .findNeighbour(let address, let index):
            "find neighbour \(address) on \(Self.interfaceName(index))"
        case .changeNeighbour(let address, let index):
            "change the entry of neighbour \(address) on \(Self.interfaceName(index))"
        case .receiveRouteNotices: "receive notices of links, addresses and routes"
        case .receiveRouterNotices: "receive notices of router advertisements"
        case .receiveSocketDeaths: "receive socket deaths"
        case .listSockets(let prefix): "list sockets bound in \(prefix)"
        case .abortSockets(let address): "end the sockets bound to \(address)"
        }
    }

    private static func interfaceName(_ index: UInt32) -> String {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IF_NAMESIZE)) { name in
            guard let text = unsafe if_indextoname(index, name.baseAddress!) else {
                return "interface \(index)"
            }
            return unsafe String(cString: text)
        }
    }
}
