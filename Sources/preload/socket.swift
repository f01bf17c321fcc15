public import CPreload

/// socket(2): the descriptor is a new socket's.
@c(socket)
public func newSocket(_ domain: CInt, _ kind: CInt, _ transport: CInt) -> CInt {
    let descriptor = unsafe next().pointee.socket!(domain, kind, transport)
    DescriptorSet.settled.remove(descriptor)
    DescriptorSet.anyPort.remove(descriptor)
    return descriptor
}
