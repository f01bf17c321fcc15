internal import CNetlink
internal import Mobility

/// A message to the kernel, put together by libnl. Everything that we say fits its default size, a page.
@safe struct NetlinkRequest: ~Copyable {
    private let message: OpaquePointer
    /// Lives as long as the request.
    let header: UnsafeMutablePointer<nlmsghdr>

    /// - Parameter flags: NLM_F_* beside NLM_F_REQUEST.
    init(_ type: Int, flags: Int32) {
        guard let message = unsafe nlmsg_alloc_simple(Int32(type), NLM_F_REQUEST | flags) else {
            preconditionFailure("out of memory")
        }
        unsafe self.message = message
        unsafe header = nlmsg_hdr(message)
    }

    /// Appends the header of the family: ifaddrmsg, rtmsg, …
    func append<Header: BitwiseCopyable>(_ header: Header) {
        var header = header
        let size = MemoryLayout<Header>.size
        Self.expect(unsafe nlmsg_append(message, &header, size, Int32(NLMSG_ALIGNTO)))
    }

    func put<Value: BitwiseCopyable>(_ attribute: Int, _ value: Value) {
        var value = value
        Self.expect(unsafe nla_put(message, Int32(attribute), Int32(MemoryLayout<Value>.size), &value))
    }

    func put(_ attribute: Int, _ address: IPv6Address) {
        unsafe reserve(attribute, octets: 16).store(address)
    }

    /// Room for a payload that is written later.
    @unsafe func reserve(_ attribute: Int, octets: Int) -> UnsafeMutableRawPointer {
        guard let header = unsafe nla_reserve(message, Int32(attribute), Int32(octets)) else {
            preconditionFailure("the request does not fit its message")
        }
        return unsafe nla_data(header)
    }

    private static func expect(_ result: Int32) {
        precondition(result >= 0, "the request does not fit its message")
    }

    deinit { unsafe nlmsg_free(message) }
}
