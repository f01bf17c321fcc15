internal import CNetlink
internal import Mobility

/// RTM_NEWADDR and RTM_DELADDR, laid out once by libnl and filled in for each address: making an address is
/// part of answering an application.
@safe struct AddressRequest: ~Copyable {
    private let addition = NetlinkRequest(RTM_NEWADDR, flags: NLM_F_ACK)
    private let additionLocal: UnsafeMutableRawPointer
    private let additionFlags: UnsafeMutableRawPointer
    private let additionTimes: UnsafeMutableRawPointer
    private let additionProtocol: UnsafeMutableRawPointer

    private let removal = NetlinkRequest(RTM_DELADDR, flags: NLM_F_ACK)
    private let removalLocal: UnsafeMutableRawPointer

    init() {
        addition.append(ifaddrmsg())
        unsafe additionLocal = addition.reserve(IFA_LOCAL, octets: 16)
        unsafe additionFlags = addition.reserve(IFA_FLAGS, octets: MemoryLayout<UInt32>.size)
        unsafe additionTimes = addition.reserve(IFA_CACHEINFO, octets: MemoryLayout<ifa_cacheinfo>.size)
        unsafe additionProtocol = addition.reserve(IFA_PROTO, octets: MemoryLayout<UInt8>.size)
        removal.append(ifaddrmsg())
        unsafe removalLocal = removal.reserve(IFA_LOCAL, octets: 16)
    }

    /// - Parameter flags: NLM_F_CREATE and NLM_F_EXCL, or NLM_F_REPLACE.
    /// - Returns: the message, which stays the request's.
    @unsafe func adding(_ address: KernelAddress, flags: Int32) -> UnsafeMutablePointer<nlmsghdr> {
        let header = unsafe addition.header
        unsafe header.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST | NLM_F_ACK | flags)
        unsafe Self.fill(header, address.prefixLength, address.interfaceIndex)
        unsafe additionLocal.store(address.address)
        unsafe additionFlags.storeBytes(of: address.flags.rawValue, as: UInt32.self)
        let times = ifa_cacheinfo(
            ifa_prefered: address.preferredSeconds, ifa_valid: address.validSeconds, cstamp: 0, tstamp: 0)
        unsafe additionTimes.storeBytes(of: times, as: ifa_cacheinfo.self)
        unsafe additionProtocol.storeBytes(of: address.proto, as: UInt8.self)
        return unsafe header
    }

    /// - Returns: the message, which stays the request's.
    @unsafe func removing(
        _ address: IPv6Address, prefixLength: UInt8, interfaceIndex: UInt32
    ) -> UnsafeMutablePointer<nlmsghdr> {
        unsafe Self.fill(removal.header, prefixLength, interfaceIndex)
        unsafe removalLocal.store(address)
        return unsafe removal.header
    }

    private static func fill(
        _ header: UnsafeMutablePointer<nlmsghdr>, _ prefixLength: UInt8, _ interfaceIndex: UInt32
    ) {
        var family = ifaddrmsg()
        family.ifa_family = UInt8(AF_INET6)
        family.ifa_prefixlen = prefixLength
        family.ifa_index = interfaceIndex
        unsafe nlmsg_data(header).storeBytes(of: family, as: ifaddrmsg.self)
    }
}
