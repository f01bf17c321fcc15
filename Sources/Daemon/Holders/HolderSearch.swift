import Posix

/// What a look at processes has shown.
struct HolderSight: Equatable {
    /// Of each socket that was looked for.
    var whereabouts: [SocketHolders.Whereabouts]
    /// Descriptors waited in messages when the look began: any socket may have been among them.
    var mayBeOnItsWay: Bool
}

/// Looks for the processes that hold sockets.
protocol HolderSearch: AnyObject {
    /// Looks, and tells `body` at once or later; nil if nothing could be learnt.
    func look(for sought: [SocketHolders.Sought], then body: @escaping (HolderSight?) -> Void)
}

/// Looks itself, into all processes that it may look into.
final class OwnHolderSearch: HolderSearch {
    func look(for sought: [SocketHolders.Sought], then body: @escaping (HolderSight?) -> Void) {
        body(HolderSight(lookingFor: sought))
    }
}

extension HolderSight {
    init(lookingFor sought: [SocketHolders.Sought]) {
        // Asked first: what arrives meanwhile is found.
        mayBeOnItsWay = SocketHolders.areDescriptorsInFlight()
        whereabouts = SocketHolders.whereabouts(of: sought)
    }
}
