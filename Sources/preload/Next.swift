import CPreload

/// The functions that come after ours.
///
/// Never inlined: each object file that uses the C function gets a table of its own, so only this one may.
@inline(never)
func next() -> UnsafePointer<odm_next> {
    let next = unsafe odm_next_functions()!
    if unsafe next.pointee.connect == nil { unsafe odm_find_next(next) }
    return unsafe UnsafePointer(next)
}
