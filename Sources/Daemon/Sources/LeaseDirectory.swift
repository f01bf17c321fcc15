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

    /// Files that are read. A source has 1024 prefixes at most by default; more files than many such sources have are
    /// somebody's mistake, which must not keep the daemon from starting.
    static let mostFiles = 16_384

    private let path: String
    private let log: Log
    private let mostFiles: Int
    /// What is in the files.
    private var kept: [LeaseID: StoredLease] = [:]
    /// What cannot be written, said once.
    private var isFull = false
    /// Files of leases that have ended, which could not be removed.
    private var unremoved: Set<LeaseID> = []

    init(stateDirectory: String, log: Log, mostFiles: Int = mostFiles) {
        path = "\(stateDirectory)/leases"
        self.log = log
        self.mostFiles = mostFiles
    }

    // MARK: What an earlier run kept

    /// Reads what an earlier run kept, in the order in which it was granted. A file that is not understood is kept aside,
    /// with a warning.
    func load() -> [StoredLease] {
        var associations: Set<StoredLease.Association> = []
        for name in names() { read(name, &associations) }
        return kept.values.sorted { $0.id < $1.id }
    }

    /// The files to read, the newest last. Of too many these are read: their numbers are not given again.
    private func names() -> [String] {
        do {
            var names = try File.names(in: path, endingIn: "").filter { !$0.hasSuffix(Self.refusedSuffix) }
            for name in names where name.hasSuffix(Self.temporarySuffix) {
                // Of a run that ended while it was written.
                try? File.remove("\(path)/\(name)")
            }
            names.removeAll { $0.hasSuffix(Self.temporarySuffix) }
            names.sort { (UInt64($0) ?? 0, $0) < (UInt64($1) ?? 0, $1) }
            if names.count > mostFiles {
                log.warning(
                    "\(path): \(names.count) files; the oldest are not looked at, beyond \(mostFiles)")
            }
            return names.suffix(mostFiles)
        } catch {
            log.warning("\(error); going on without the leases of earlier runs")
            return []
        }
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
        do {
            try File.rename(file, to: file + Self.refusedSuffix)
            log.warning(
                "\(file): \(reason); going on without, and keeping it as \(file)\(Self.refusedSuffix)")
        } catch {
            log.warning("\(file): \(reason); going on without; \(error)")
        }
    }

    // MARK: What changes

    /// Adds a lease, or what has changed of it. If that fails it is logged, and a later run knows nothing of it.
    ///
    /// - Parameter isDurable: it must outlive a machine that loses power, for which the disk is waited for.
    func keep(_ lease: StoredLease, isDurable: Bool) {
        let id = LeaseID(lease.id)
        guard kept[id] != lease else { return }
        removeFiles()
        do {
            if kept.isEmpty { try File.makeDirectory(path, mode: 0o700) }
            try File.replace(
                file(id), with: Json.encode(lease) + [UInt8(ascii: "\n")], mode: 0o600, isDurable: isDurable)
            kept[id] = lease
            unremoved.remove(id)
            if isFull { log.info("leases are kept again") }
            isFull = false
        } catch {
            if !isFull { log.error("\(error); leases will not outlive this run until they can be kept") }
            isFull = true
        }
    }

    /// Ends a lease. If its file cannot be removed that is logged, and tried again when the next one changes.
    func forget(_ id: LeaseID) {
        guard kept.removeValue(forKey: id) != nil else { return }
        let wereRemoved = unremoved.isEmpty
        unremoved.insert(id)
        if let error = removeFiles(), wereRemoved {
            log.error(
                "\(error); until it can be removed, another run will take the lease for one that goes on")
        }
    }

    /// - Returns: why some are there still.
    @discardableResult
    private func removeFiles() -> SystemError? {
        for id in unremoved.sorted() {
            do {
                try File.remove(file(id))
                unremoved.remove(id)
            } catch {
                return error
            }
        }
        return nil
    }

    private func file(_ id: LeaseID) -> String { "\(path)/\(id.number)" }
}
