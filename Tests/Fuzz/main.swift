// fuzz TARGET [CORPUS…] [-OPTION=VALUE…] - feeds octets of libFuzzer's choice to what reads octets of others.
//
// Built by `make fuzz` only, with -sanitize=fuzzer.

import CLibc

/// What libFuzzer calls with octets and their count.
private typealias Callback = @convention(c) (UnsafePointer<UInt8>, Int) -> CInt

private func callback(for target: String) -> Callback? {
    switch target {
    case "router-advertisement": { unsafe feed($0, $1, RouterAdvertisementTarget.read) }
    case "prefix-information": { unsafe feed($0, $1, PrefixInformationTarget.read) }
    case "dhcpv6-message": { unsafe feed($0, $1, DHCPv6MessageTarget.read) }
    case "dhcpv6-association": { unsafe feed($0, $1, DHCPv6AssociationTarget.play) }
    case "helper-reply": { unsafe feed($0, $1, HelperReplyTarget.read) }
    case "stored-lease": { unsafe feed($0, $1, StoredLeaseTarget.read) }
    case "program": { unsafe feed($0, $1, ProgramTarget.read) }
    default: nil
    }
}

private func feed(_ octets: UnsafePointer<UInt8>, _ count: Int, _ body: (Span<UInt8>) -> Void) -> CInt {
    unsafe body(Span(_unsafeStart: octets, count: count))
    return 0
}

/// libFuzzer's loop (compiler-rt, FuzzerInterface.h).
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ callback: Callback
) -> CInt

guard CommandLine.argc > 1, let callback = unsafe callback(for: CommandLine.arguments[1]) else {
    print("usage: fuzz TARGET [CORPUS…] [-OPTION=VALUE…]; the targets are in Tests/Fuzz")
    exit(64)
}
// The target's name is ours; what is behind it is libFuzzer's.
var arguments = unsafe CommandLine.unsafeArgv + 1
var count = CommandLine.argc - 1
exit(unsafe runDriver(&count, &arguments, callback))
