public import CLibc
public import COdm

@c @implementation
public func setsc(_ sockfd: CInt, _ source: UnsafeMutablePointer<in6_addr>!, _ type: sc_type) -> CInt {
    return unsafe source == nil ? 1 : 0
}
