import CLibc
import EventLoop
import Mobility
import Posix

/// `leases` in the state directory: a file for each prefix that was granted, named by its number, so that a daemon that
/// starts goes on with them. A change is there before it is put to use, and costs the same however many there are.
final class LeaseDirectory {
    /// Octets. A lease takes about 400.
    private static let sizeLimit = 4096
    private static let temporarySuffix = ".new"
    private static let refusedSuffix = ".refused"

    private let path: String
    private let log: Log
    /// What is in the files.
    private var kept: [LeaseID: StoredLease] = [:]
    private var isBroken = false

    init(stateDirectory: String, log: Log) {
        path = "\(stateDirectory)/leases"
        self.log = log
    }

    /// Reads what an earlier run kept, in the order in which it was granted. A file that is not understood is kept aside,
    /// with a warning.
    func load() -> [StoredLease] {
        var associations: Set<StoredLease.Association> = []
        for name in (try? File.names(in: path, endingIn: "")) ?? [] {
            if name.hasSuffix(Self.refusedSuffix) { continue }
            if name.hasSuffix(Self.temporarySuffix) {
                // Of a run that ended while it was written.
                try? File.remove("\(path)/\(name)")
            } else {
                read(name, &associations)
            }
        }
        return kept.values.sorted { $0.id < $1.id }
    }

    private func read(_ name: String, _ associations: inout Set<StoredLease.Association>) {
        do {
            let text = try File.read("\(path)/\(name)", limit: Self.sizeLimit)
            guard let lease = Json.decode(StoredLease.self, from: text), lease.makesSense,
                name == String(lease.id)
            else {
                refuse(name, "it is not of this version, or damaged")
                return
            }
            if let association = lease.association, !associations.insert(association).inserted {
                refuse(name, "another lease of source \(lease.source) has its IAID")
                return
            }
            kept[LeaseID(lease.id)] = lease
        } catch {
            refuse(name, SystemError.text(error.errno))
        }
    }

    private func refuse(_ name: String, _ reason: String) {
        let file = "\(path)/\(name)"
        log.warning("\(file): \(reason); going on without, and keeping it as \(file)\(Self.refusedSuffix)")
        try? File.rename(file, to: file + Self.refusedSuffix)
    }

    /// Adds a lease, or what has changed of it. If that fails it is logged, and the lease ends with this run.
    ///
    /// - Parameter isDurable: it must outlive a machine that loses power, for which the disk is waited for.
    func keep(_ lease: StoredLease, isDurable: Bool) {
        let id = LeaseID(lease.id)
        guard kept[id] != lease else { return }
        report {
            if kept.isEmpty { try File.makeDirectory(path, mode: 0o700) }
            try File.replace(
                file(id), with: Json.encode(lease) + [UInt8(ascii: "\n")], mode: 0o600, isDurable: isDurable)
            kept[id] = lease
        }
    }

    func forget(_ id: LeaseID) {
        guard kept.removeValue(forKey: id) != nil else { return }
        report { try File.remove(file(id)) }
    }

    private func file(_ id: LeaseID) -> String { "\(path)/\(id.number)" }

    private func report(_ change: () throws -> Void) {
        do {
            try change()
            if isBroken { log.info("leases are kept again") }
            isBroken = false
        } catch {
            if !isBroken { log.error("\(error); leases will not outlive this run until they can be kept") }
            isBroken = true
        }
    }
}
