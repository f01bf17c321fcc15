import Posix

/// What a look at processes has shown.
struct HolderSight: Equatable {
    /// Of each socket that was looked for.
    var whereabouts: [SocketHolders.Whereabouts]
    /// Descriptors waited in messages when the look began, or nobody asked: any socket may have been among them.
    var mayBeOnItsWay: Bool
}

/// Looks for the processes that hold sockets.
protocol HolderSearch: AnyObject {
    /// Looks, and tells `body` at once or later; nil if nothing could be learnt.
    ///
    /// - Parameter isLast: what is nowhere now passes for gone, so it matters what is on its way; to find that out takes
    ///   long where there are many sockets.
    func look(
        for sought: [SocketHolders.Sought], isLast: Bool, then body: @escaping (HolderSight?) -> Void)
}

/// Looks itself, into all processes that it may look into.
final class OwnHolderSearch: HolderSearch {
    func look(
        for sought: [SocketHolders.Sought], isLast: Bool, then body: @escaping (HolderSight?) -> Void
    ) {
        body(HolderSight(lookingFor: sought, isLast: isLast))
    }
}

extension HolderSight {
    init(lookingFor sought: [SocketHolders.Sought], isLast: Bool) {
        // Asked first: what arrives meanwhile is found.
        mayBeOnItsWay = !isLast || SocketHolders.areDescriptorsInFlight()
        whereabouts = SocketHolders.whereabouts(of: sought)
    }
}
