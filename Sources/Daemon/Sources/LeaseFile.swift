import CLibc
import EventLoop
import Mobility
import Posix

/// `leases` in the state directory: prefixes that were granted, so that a daemon that starts goes on with them. It is
/// replaced as a whole at each change, and a change is in it before it is put to use.
final class LeaseFile {
    /// Octets. A lease takes about 300.
    private static let sizeLimit = 4 << 20
    private static let version = 1

    private struct Contents: Codable {
        var version: Int
        var leases: [StoredLease]
    }

    private let path: String
    private let log: Log
    private var leases: [StoredLease] = []
    private var isBroken = false

    init(stateDirectory: String, log: Log) {
        path = "\(stateDirectory)/leases"
        self.log = log
    }

    /// Reads what an earlier run kept. A file that is not understood is kept aside, with one warning.
    func load() -> [StoredLease] {
        do {
            let text = try File.read(path, limit: Self.sizeLimit)
            guard let contents = Json.decode(Contents.self, from: text), contents.version == Self.version
            else {
                refuse("it is not of this version, or damaged")
                return []
            }
            leases = contents.leases.filter { $0.lease != nil }
            if leases.count < contents.leases.count {
                log.warning("\(path): \(contents.leases.count - leases.count) leases make no sense; ignored")
            }
        } catch {
            if error.errno != ENOENT { refuse(SystemError.text(error.errno)) }
        }
        return leases
    }

    private func refuse(_ reason: String) {
        log.warning("\(path): \(reason); going on without, and keeping it as \(path).refused")
        try? File.rename(path, to: "\(path).refused")
    }

    /// Adds a lease, or what has changed of it. If that fails it is logged, and the lease ends with this run.
    ///
    /// - Parameter isDurable: it must outlive a machine that loses power, for which the disk is waited for.
    func keep(_ lease: StoredLease, isDurable: Bool) {
        if let place = leases.firstIndex(where: { $0.id == lease.id }) {
            guard leases[place] != lease else { return }
            leases[place] = lease
        } else {
            leases.append(lease)
        }
        write(isDurable: isDurable)
    }

    func forget(_ id: LeaseID) {
        guard let place = leases.firstIndex(where: { $0.id == id.number }) else { return }
        leases.remove(at: place)
        write(isDurable: false)
    }

    private func write(isDurable: Bool) {
        let contents = Contents(version: Self.version, leases: leases)
        do {
            try File.replace(
                path, with: Json.encode(contents) + [UInt8(ascii: "\n")], mode: 0o600, isDurable: isDurable)
            if isBroken { log.info("leases are kept again") }
            isBroken = false
        } catch {
            if !isBroken { log.error("\(error); leases will not outlive this run until they can be kept") }
            isBroken = true
        }
    }
}
