import CPreload

/// Run by the dynamic linker when it loads us: a program may clear its environment before it makes its first socket.
@section(".init_array") @used
private let atLoad: @convention(c) () -> Void = {
    _ = unsafe next()
    _ = Wishes.current
}
