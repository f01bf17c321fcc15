public import CLibc
public import COdm

@c @implementation
public func getsc(
    _ sockfd: CInt, _ source: UnsafeMutablePointer<in6_addr>!, _ type: UnsafeMutablePointer<sc_type>!
) -> CInt {
    carryOut { () throws(Failure) in
        guard let source = unsafe source, let type = unsafe type else { throw .system(EFAULT) }
        let socket = try ClientSocket(sockfd)
        let connection = try Connection.open(.blocks)
        try connection.send(Request(operation: .getsc, type: 0), about: socket.descriptor)
        let answer = try connection.receive(.getsc).answer()
        unsafe source.pointee = answer.address
        unsafe type.pointee = answer.type
        return 0
    }
}
