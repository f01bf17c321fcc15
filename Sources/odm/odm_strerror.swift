import CLibc
public import COdm

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func odm_strerror(_ status: CInt) -> UnsafePointer<CChar>! {
    switch status {
    case 0: unsafe text("Success")
    case EAI_REQUIREDIPNOTSUPPORTED: unsafe text("Addresses of this type are not supported here")
    case EAI_REQUIREDIPFAILED: unsafe text("An address of this type could not be had")
    case EAI_SYSTEM: unsafe text("The call failed")
    // A program may have one place that reports both these and those of getaddrinfo.
    default: unsafe UnsafePointer(gai_strerror(status))
    }
}

/// A literal as a C string; the compiler ends literals with a NUL.
private func text(_ literal: StaticString) -> UnsafePointer<CChar> {
    unsafe UnsafeRawPointer(literal.utf8Start).assumingMemoryBound(to: CChar.self)
}
