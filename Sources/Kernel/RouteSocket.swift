internal import CNetlink
public import Mobility

/// The rtnetlink socket by which addresses, rules and routes are changed and listed. Nothing here waits.
public final class RouteSocket {
    let requests: RequestSocket
    private let addressRequest = AddressRequest()

    private init(_ requests: RequestSocket) {
        self.requests = requests
    }

    public static func open() throws(KernelError) -> RouteSocket {
        RouteSocket(try RequestSocket(NETLINK_ROUTE, for: .openRouteSocket))
    }

    /// By which the kernel names us in notices of what we did to rules and routes.
    public var port: UInt32 { requests.port }
}

// Addresses.
extension RouteSocket {
    /// Adds an address (RTM_NEWADDR).
    ///
    /// With `.noDAD` it can be bound when this returns. Its own local route comes from a kernel worker
    /// (addrconf_dad_work), most often 10 µs later: an answer that is faster finds nobody, and TCP repeats its
    /// SYN after a second. A local route for the whole prefix, made before, closes the gap.
    ///
    /// - Throws: EEXIST if the interface has it, EINVAL if a lifetime makes no sense, ENODEV, EACCES if IPv6 is
    ///   disabled on the interface, EPERM.
    public func add(_ address: KernelAddress) throws(KernelError) {
        try unsafe requests.perform(
            addressRequest.adding(address, flags: NLM_F_CREATE | NLM_F_EXCL),
            .addAddress(
                address.address, prefixLength: address.prefixLength, interfaceIndex: address.interfaceIndex))
    }

    /// Changes an address to what is given, all of it: what were left out would be forgotten. Adds it if it
    /// is not there.
    public func replace(_ address: KernelAddress) throws(KernelError) {
        try unsafe requests.perform(
            addressRequest.adding(address, flags: NLM_F_CREATE | NLM_F_REPLACE),
            .replaceAddress(
                address.address, prefixLength: address.prefixLength, interfaceIndex: address.interfaceIndex))
    }

    /// Removes an address, whoever made it (RTM_DELADDR).
    ///
    /// - Throws: EADDRNOTAVAIL if the interface does not have it, ENODEV, EPERM.
    public func remove(
        _ address: IPv6Address, prefixLength: UInt8, interfaceIndex: UInt32
    ) throws(KernelError) {
        try unsafe requests.perform(
            addressRequest.removing(address, prefixLength: prefixLength, interfaceIndex: interfaceIndex),
            .removeAddress(address, prefixLength: prefixLength, interfaceIndex: interfaceIndex))
    }

    /// An address as an interface has it (RTM_GETADDR); nil if it does not have it, or is not there.
    public func address(
        _ address: IPv6Address, interfaceIndex: UInt32
    ) throws(KernelError) -> KernelAddress? {
        let request = NetlinkRequest(RTM_GETADDR, flags: NLM_F_ACK)
        var header = ifaddrmsg()
        header.ifa_family = UInt8(AF_INET6)
        header.ifa_index = interfaceIndex
        request.append(header)
        request.put(IFA_ADDRESS, address)
        var found: KernelAddress?
        do {
            try unsafe requests.perform(request.header, .listAddresses) { found = KernelAddress($0) ?? found }
        } catch {
            guard error.errno == EADDRNOTAVAIL else { throw error }
        }
        // Of an interface that is not there the kernel knows nothing, and names any that has the address.
        return found?.interfaceIndex == interfaceIndex ? found : nil
    }

    /// All IPv6 addresses, ours and others'.
    public func addresses() throws(KernelError) -> [KernelAddress] {
        let request = NetlinkRequest(RTM_GETADDR, flags: NLM_F_DUMP)
        var header = ifaddrmsg()
        header.ifa_family = UInt8(AF_INET6)
        request.append(header)
        let found = try requests.list(request, .listAddresses) { KernelAddress($0) }
        return Self.withoutRepetition(found)
    }

    /// An address that is added while the list is made moves others down, of which one comes twice; the kernel
    /// counts the change only when the address is ready, and the list passes for consistent until then.
    static func withoutRepetition(_ addresses: [KernelAddress]) -> [KernelAddress] {
        struct Identity: Hashable {
            var address: IPv6Address
            var interfaceIndex: UInt32
        }
        var seen: Set<Identity> = []
        seen.reserveCapacity(addresses.count)
        return addresses.filter {
            seen.insert(Identity(address: $0.address, interfaceIndex: $0.interfaceIndex)).inserted
        }
    }
}

// Links and routers.
extension RouteSocket {
    public func links() throws(KernelError) -> [Link] {
        let request = NetlinkRequest(RTM_GETLINK, flags: NLM_F_DUMP)
        request.append(ifinfomsg())
        request.put(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_SKIP_STATS))
        return try requests.list(request, .listLinks) { Link($0) }
    }

    /// The gateways of the main table's default routes, except ours; of several next hops of one route that
    /// share an interface, the first.
    public func defaultRouters() throws(KernelError) -> [Router] {
        let request = NetlinkRequest(RTM_GETROUTE, flags: NLM_F_DUMP)
        var header = rtmsg()
        header.rtm_family = UInt8(AF_INET6)
        header.rtm_table = UInt8(RT_TABLE_MAIN.rawValue)
        request.append(header)
        return try requests.settledList(request, .listDefaultRouters) { Router.all(in: $0) }.flatMap { $0 }
    }
}

// Rules.
extension RouteSocket {
    /// `from PREFIX lookup TABLE`.
    ///
    /// - Throws: EEXIST if it is there, EPERM.
    public func addRule(_ rule: Rule) throws(KernelError) {
        let request = rule.request(RTM_NEWRULE, flags: NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL)
        try unsafe requests.perform(request.header, .addRule(from: rule.source, table: rule.table))
    }

    /// - Throws: ENOENT if there is none of ours, EPERM.
    public func removeRule(_ rule: Rule) throws(KernelError) {
        let request = rule.request(RTM_DELRULE, flags: NLM_F_ACK)
        try unsafe requests.perform(request.header, .removeRule(from: rule.source, table: rule.table))
    }

    /// Our rules.
    public func rules() throws(KernelError) -> [Rule] {
        let request = NetlinkRequest(RTM_GETRULE, flags: NLM_F_DUMP)
        var header = fib_rule_hdr()
        header.family = UInt8(AF_INET6)
        request.append(header)
        return try requests.settledList(request, .listRules) { Rule($0) }
    }
}

// Routes.
extension RouteSocket {
    /// - Throws: EEXIST if there is one with the same destination, table and metric, whoever made it, EHOSTUNREACH
    ///   if the gateway cannot be reached, ENODEV, ENETDOWN, EPERM.
    public func addRoute(_ route: Route) throws(KernelError) {
        let request = route.request(RTM_NEWROUTE, flags: NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL)
        try unsafe requests.perform(request.header, .addRoute(route.destination, table: route.table))
    }

    /// Puts the route in the place of the one with the same destination, table and metric, whoever made that,
    /// or adds it: there is no moment without one. For tables of our own.
    public func replaceRoute(_ route: Route) throws(KernelError) {
        let request = route.request(RTM_NEWROUTE, flags: NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE)
        try unsafe requests.perform(request.header, .replaceRoute(route.destination, table: route.table))
    }

    /// - Throws: ESRCH if there is none of ours, EPERM.
    public func removeRoute(_ route: Route) throws(KernelError) {
        let request = route.request(RTM_DELROUTE, flags: NLM_F_ACK)
        try unsafe requests.perform(request.header, .removeRoute(route.destination, table: route.table))
    }

    /// Our routes in every table.
    public func routes() throws(KernelError) -> [Route] {
        let request = NetlinkRequest(RTM_GETROUTE, flags: NLM_F_DUMP)
        var header = rtmsg()
        header.rtm_family = UInt8(AF_INET6)
        header.rtm_protocol = RoutingProtocol.odmd
        request.append(header)
        return try requests.settledList(request, .listRoutes) { Route($0) }
    }
}
