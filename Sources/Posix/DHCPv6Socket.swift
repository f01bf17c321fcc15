import CLibc

public struct DHCPv6Socket: ~Copyable {
    public var descriptor: Int32 { -1 }
    public static func open(interface: String) throws(SystemError) -> DHCPv6Socket {
        throw SystemError("x", errno: 1)
    }
    public func send(_ octets: Span<UInt8>) throws(SystemError) {}
    public func receive() throws(SystemError) -> [UInt8]? { nil }
}
