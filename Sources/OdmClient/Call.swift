import CLibc

/// Carries out one call of the C interface: turns a failure into a status and errno, and leaves errno alone on
/// success.
///
/// A thread that is cancelled finishes the call first: otherwise it would leave the connection open behind it, and
/// unwind through Swift code, which cannot be unwound.
@inline(__always)
func carryOut(_ body: () throws(Failure) -> CInt) -> CInt {
    var errno = odm_errno()
    var cancelState: CInt = 0
    unsafe pthread_setcancelstate(CInt(PTHREAD_CANCEL_DISABLE), &cancelState)
    var result: CInt
    do {
        result = try body()
    } catch {
        result = error.status
        errno = error.errno
    }
    odm_set_errno(errno)
    pthread_setcancelstate(cancelState, nil)
    return result
}
