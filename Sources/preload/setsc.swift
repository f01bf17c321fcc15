public import CPreload

// libodm's own calls: whoever makes them has chosen.

@c(setsc)
public func askItself(_ descriptor: CInt, _ source: UnsafeMutablePointer<in6_addr>?, _ type: sc_type) -> CInt
{
    mark(descriptor)
    guard let setsc = unsafe libodm().pointee.setsc else { return lacksLibrary() }
    return unsafe setsc(descriptor, source, type)
}

@c(setsc_start)
public func beginAskingItself(_ descriptor: CInt, _ type: sc_type, _ flags: CUnsignedInt) -> CInt {
    mark(descriptor)
    guard let setscStart = unsafe libodm().pointee.setsc_start else { return lacksLibrary() }
    return setscStart(descriptor, type, flags)
}

private func mark(_ descriptor: CInt) {
    let errno = odm_errno()
    if let cookie = cookie(of: descriptor) { MarkedSockets.insert(cookie) }
    odm_set_errno(errno)
}

/// The functions after ours, looked up once more if the program may have loaded libodm only now.
private func libodm() -> UnsafePointer<odm_next> {
    if unsafe next().pointee.setsc == nil { unsafe odm_find_next(odm_next_functions()) }
    return unsafe next()
}

/// Whoever finds ours (dlsym RTLD_DEFAULT) and has no libodm is told as if there were no daemon.
private func lacksLibrary() -> CInt {
    odm_set_errno(ENOSYS)
    return EAI_REQUIREDIPNOTSUPPORTED
}
