import Mobility
import Posix

extension Descriptor {
    /// Finds out what the policy asks of whoever is at the other end of this connection.
    ///
    /// - Throws: what the kernel says if it does not tell: nobody gets something by that.
    func standingOfPeer(
        _ claims: Policy.Claims, in controlGroups: ControlGroups
    ) throws(SystemError) -> Standing {
        var standing = Standing(unit: .unknown)
        let peer = try peerCredentials()
        if claims.contains(.groups) { standing.groups = [peer.group] + (try peerGroups()) }
        if claims.contains(.unit) { standing.unit = ServiceUnit(of: peer, at: self, in: controlGroups) }
        return standing
    }
}

extension ServiceUnit {
    /// The unit of whoever connected. Its number may be another process's by the time that this is asked: a handle of it
    /// tells, and where the kernel can say it, its control group too.
    fileprivate init(
        of peer: PeerCredentials, at connection: borrowing Descriptor, in controlGroups: ControlGroups
    ) {
        guard peer.process > 0, let handle = try? ProcessHandle(peerOf: connection) else {
            self = .unknown
            return
        }
        if let path = (try? handle.controlGroup()).flatMap(controlGroups.path(of:)) {
            self.init(controlGroup: path)
            return
        }
        let unit = ServiceUnit(ofProcess: peer.process)
        self = handle.isThere ? unit : .unknown
    }

    /// The unit of a process that is there meanwhile.
    init(ofProcess process: Int32) {
        do {
            self.init(controlGroup: try ControlGroups.path(ofProcess: process))
        } catch {
            self = .unknown
        }
    }

    private init(controlGroup path: String?) {
        self = path.flatMap(UnitName.ofControlGroup).map(ServiceUnit.named) ?? .none
    }
}
