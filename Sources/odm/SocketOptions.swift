public import CLibc
import COdm

// setsockopt and getsockopt of libodm: the kernel's, with one more bit in IPV6_ADDR_PREFERENCES.
//
// The system call is made directly. The next definition in the process (dlsym RTLD_NEXT) would be libc's, which on the
// 64-bit machines that we build for does the same; dlsym may allocate and lock, so that a signal handler or a forked
// child could not call us, and a static program has nothing to look up.

/// setsockopt(2), keeping IPV6_REQUIRE_SRC_ON_NET, which the kernel drops without a word.
///
/// The kernel goes first: what it refuses is not kept, and what it took can be read.
@c(setsockopt)
public func setSocketOption(
    _ descriptor: CInt, _ level: CInt, _ name: CInt, _ value: UnsafeRawPointer?, _ length: socklen_t
) -> CInt {
    let result = unsafe odm_kernel_setsockopt(descriptor, level, name, value, length)
    guard result == 0, isAddressPreferences(level, name) else { return result }
    // As the kernel does, take no pointer for 0.
    let preferences = unsafe value?.loadUnaligned(as: CInt.self) ?? 0
    return keepOnNet(preferences & IPV6_REQUIRE_SRC_ON_NET != 0, for: descriptor)
}

/// getsockopt(2), reporting IPV6_REQUIRE_SRC_ON_NET where it is set.
@c(getsockopt)
public func getSocketOption(
    _ descriptor: CInt, _ level: CInt, _ name: CInt, _ value: UnsafeMutableRawPointer?,
    _ length: UnsafeMutablePointer<socklen_t>?
) -> CInt {
    let result = unsafe odm_kernel_getsockopt(descriptor, level, name, value, length)
    guard result == 0, isAddressPreferences(level, name), !MarkedSockets.isEmpty else { return result }
    guard let cookie = cookie(of: descriptor) else { return -1 }
    if MarkedSockets.contains(cookie), let value = unsafe value, let length = unsafe length {
        unsafe addOnNet(to: UnsafeMutableRawBufferPointer(start: value, count: Int(length.pointee)))
    }
    return 0
}

private func isAddressPreferences(_ level: CInt, _ name: CInt) -> Bool {
    level == CInt(IPPROTO_IPV6) && name == IPV6_ADDR_PREFERENCES
}

/// Sets or clears the bit of a socket; returns what setsockopt does.
private func keepOnNet(_ isSet: Bool, for descriptor: CInt) -> CInt {
    if !isSet, MarkedSockets.isEmpty { return 0 }
    guard let cookie = cookie(of: descriptor) else { return -1 }
    if isSet { MarkedSockets.insert(cookie) } else { MarkedSockets.remove(cookie) }
    return 0
}

/// Sets the bit in an int of which the caller may have wanted only the first octets.
private func addOnNet(to value: UnsafeMutableRawBufferPointer) {
    var bit = IPV6_REQUIRE_SRC_ON_NET
    unsafe withUnsafeBytes(of: &bit) { bit in
        for index in 0..<min(bit.count, value.count) { unsafe value[index] |= unsafe bit[index] }
    }
}
