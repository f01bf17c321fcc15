internal import CNetlink
internal import Mobility

// Received messages, read where they lie in the receive buffer. They are valid until the next receive, and
// every access is checked against the length that the kernel gave.

/// The messages of one datagram.
@safe struct NetlinkMessages: Sequence, IteratorProtocol {
    private var position: UnsafeMutablePointer<nlmsghdr>
    private var remaining: Int32

    /// - Parameter octets: how much of `buffer` has been received.
    init(in buffer: UnsafeMutableRawBufferPointer, octets: Int) {
        unsafe position = buffer.baseAddress!.assumingMemoryBound(to: nlmsghdr.self)
        remaining = Int32(Swift.min(octets, buffer.count))
    }

    mutating func next() -> NetlinkMessage? {
        guard unsafe nlmsg_ok(position, remaining) != 0 else { return nil }
        let message = unsafe NetlinkMessage(header: position)
        unsafe position = nlmsg_next(position, &remaining)
        return message
    }
}

@safe struct NetlinkMessage {
    private let header: UnsafeMutablePointer<nlmsghdr>

    fileprivate init(header: UnsafeMutablePointer<nlmsghdr>) {
        unsafe self.header = header
    }

    var type: Int { unsafe Int(header.pointee.nlmsg_type) }
    var sequence: UInt32 { unsafe header.pointee.nlmsg_seq }
    /// NLM_F_*.
    var flags: Int32 { unsafe Int32(header.pointee.nlmsg_flags) }

    /// What follows the netlink header, if the message is long enough for it.
    func familyHeader<Header: BitwiseCopyable>(as type: Header.Type) -> Header? {
        guard unsafe nlmsg_valid_hdr(header, Int32(MemoryLayout<Header>.size)) != 0 else { return nil }
        return unsafe nlmsg_data(header).loadUnaligned(as: Header.self)
    }

    /// A copy of what follows the family header; nil if there is not as much.
    func octets<Header>(after type: Header.Type, count: Int) -> [UInt8]? {
        let headerOctets = (MemoryLayout<Header>.size + 3) & ~3
        guard unsafe nlmsg_valid_hdr(header, Int32(headerOctets + count)) != 0 else { return nil }
        return unsafe Array(UnsafeRawBufferPointer(start: nlmsg_data(header) + headerOctets, count: count))
    }

    func attributes<Header>(after type: Header.Type) -> NetlinkAttributes {
        let octets = Int32(MemoryLayout<Header>.size)
        return unsafe NetlinkAttributes(nlmsg_attrdata(header, octets), nlmsg_attrlen(header, octets))
    }
}

@safe struct NetlinkAttributes: Sequence, IteratorProtocol {
    private var position: UnsafeMutablePointer<nlattr>
    private var remaining: Int32

    fileprivate init(_ first: UnsafeMutablePointer<nlattr>, _ octets: Int32) {
        unsafe position = first
        remaining = octets
    }

    mutating func next() -> NetlinkAttribute? {
        guard unsafe nla_ok(position, remaining) != 0 else { return nil }
        let attribute = unsafe NetlinkAttribute(header: position)
        unsafe position = nla_next(position, &remaining)
        return attribute
    }
}

@safe struct NetlinkAttribute {
    private let header: UnsafeMutablePointer<nlattr>

    fileprivate init(header: UnsafeMutablePointer<nlattr>) {
        unsafe self.header = header
    }

    /// Without NLA_F_NESTED and the like.
    var type: Int { unsafe Int(nla_type(header)) }

    private var payload: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: nla_data(header), count: Int(nla_len(header)))
    }

    /// The payload; nil if it is too short.
    func value<Value: BitwiseCopyable>() -> Value? {
        guard unsafe payload.count >= MemoryLayout<Value>.size else { return nil }
        return unsafe payload.loadUnaligned(as: Value.self)
    }

    var address: IPv6Address? {
        unsafe payload.count == 16 ? payload.address : nil
    }

    /// The payload up to its first zero octet.
    var text: String {
        unsafe String(decoding: payload.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// The payload of RTA_MULTIPATH.
    var nextHops: NextHops { unsafe NextHops(payload) }
}

/// One of the routers among which a route chooses.
struct NextHop {
    var interfaceIndex: UInt32 = 0
    var gateway: IPv6Address?
}

/// A list of struct rtnexthop, each followed by attributes (rtnetlink(7)).
@safe struct NextHops: Sequence, IteratorProtocol {
    private var rest: UnsafeRawBufferPointer

    fileprivate init(_ payload: UnsafeRawBufferPointer) {
        unsafe rest = payload
    }

    mutating func next() -> NextHop? {
        let headerOctets = MemoryLayout<rtnexthop>.size
        guard unsafe rest.count >= headerOctets else { return nil }
        let header = unsafe rest.loadUnaligned(as: rtnexthop.self)
        let octets = Int(header.rtnh_len)
        guard octets >= headerOctets, unsafe octets <= rest.count else { return nil }
        var hop = NextHop(interfaceIndex: UInt32(bitPattern: header.rtnh_ifindex))
        let first = unsafe UnsafeMutableRawPointer(mutating: rest.baseAddress! + headerOctets)
        let attributes = unsafe NetlinkAttributes(
            first.assumingMemoryBound(to: nlattr.self), Int32(octets - headerOctets))
        for attribute in attributes where attribute.type == Int(RTA_GATEWAY.rawValue) {
            hop.gateway = attribute.address
        }
        let alignment = Int(RTNH_ALIGNTO)
        let aligned = (octets + alignment - 1) / alignment * alignment
        unsafe rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(aligned))
        return hop
    }
}

extension UnsafeRawBufferPointer {
    /// The first 16 octets, in network byte order.
    ///
    /// - Precondition: there are as many.
    var address: IPv6Address {
        unsafe IPv6Address(
            high: UInt64(bigEndian: loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
}

extension UnsafeMutableRawPointer {
    /// Writes 16 octets, in network byte order.
    func store(_ address: IPv6Address) {
        unsafe storeBytes(of: address.high.bigEndian, as: UInt64.self)
        unsafe storeBytes(of: address.low.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
}
