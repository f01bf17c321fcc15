import EventLoop
import Mobility
import Posix
import Wire

extension Standing {
    /// Finds out what the policy asks of whoever is at the other end of a connection.
    ///
    /// - Throws: what the kernel says if it does not tell: nobody gets something by that.
    init(_ claims: Policy.Claims, of connection: borrowing Descriptor) throws(Misrequest) {
        self.init(unit: .unknown)
        do throws(SystemError) {
            let peer = try connection.peerCredentials()
            if claims.contains(.groups) { groups = [peer.group] + (try connection.peerGroups()) }
            if claims.contains(.unit) { unit = ServiceUnit(of: peer, at: connection) }
        } catch {
            throw Misrequest(.setsc, .failed, error.errno)
        }
    }
}

extension ServiceUnit {
    /// The unit of whoever connected. Its number may be another process's by the time that this is asked: a handle of it
    /// tells.
    fileprivate init(of peer: PeerCredentials, at connection: borrowing Descriptor) {
        guard peer.process > 0, let handle = try? ProcessHandle(peerOf: connection) else {
            self = .unknown
            return
        }
        let unit = ServiceUnit(ofProcess: peer.process)
        self = handle.isThere ? unit : .unknown
    }

    /// The unit of a process that is there meanwhile.
    init(ofProcess process: Int32) {
        do {
            self = try UnitName.ofProcess(process).map(ServiceUnit.named) ?? .none
        } catch {
            self = .unknown
        }
    }
}
