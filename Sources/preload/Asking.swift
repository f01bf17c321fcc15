import CPreload

/// What came of asking for an address for a socket.
enum Obtained {
    case address(in6_addr)
    /// The socket is to be used as it is.
    case nothing
    /// There is no address, and without one the program is not to go on.
    case forbidden
    /// A signal was handled meanwhile.
    case interrupted
}

/// Asks for an address of the wished type for a socket, if nobody has chosen its address yet.
///
/// errno is left alone. A thread that is cancelled is so by the call that follows: here descriptors would stay open.
func obtainAddress(
    for descriptor: CInt, _ wishes: Wishes, on occasion: Candidate.Occasion
) -> Obtained {
    let errno = odm_errno()
    var cancelState: CInt = 0
    unsafe pthread_setcancelstate(CInt(PTHREAD_CANCEL_DISABLE), &cancelState)
    defer {
        pthread_setcancelstate(cancelState, nil)
        odm_set_errno(errno)
    }
    let socket = Candidate(descriptor)
    guard socket.isUndecided(for: occasion) else { return .nothing }
    do {
        return .address(try ask(for: socket, wishes, on: occasion))
    } catch {
        switch error.errno {
        // The program has asked itself, by a way of its own.
        case EALREADY: return .nothing
        case EINTR: return .interrupted
        default: return fail(wishes, error)
        }
    }
}

private func ask(
    for socket: Candidate, _ wishes: Wishes, on occasion: Candidate.Occasion
) throws(Failure) -> in6_addr {
    let waiting = Waiting(for: socket, on: occasion)
    let connection = try Connection.open(waiting.connection)
    let flags: Request.Flags = wishes.options.contains(.onNet) ? [.onBehalf, .onNet] : .onBehalf
    let request = Request(operation: .setsc, type: wishes.type, flags: flags)
    try connection.send(request, about: socket.descriptor)
    return try waiting.answer(from: connection)
}

/// What a call does that gets no address: it is told to the log, and goes on or not.
func fail(_ wishes: Wishes, _ failure: Failure) -> Obtained {
    let isStrict = wishes.options.contains(.strict)
    LogLine.tell(failure, wishes)
    return isStrict ? .forbidden : .nothing
}
