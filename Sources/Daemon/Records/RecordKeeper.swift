import EventLoop
import Mobility
import Posix

/// Keeps the records of what was granted, and says once when that does not work, and once when it works again.
final class RecordKeeper {
    private let records: SocketRecords
    private let log: Log
    private var isBroken = false

    init(records: SocketRecords, log: Log) {
        self.records = records
        self.log = log
    }

    /// Tells what an earlier run promised.
    func recover(for daemon: Daemon) {
        let found = records.recover()
        if let warning = found.warning { log.warning("\(warning)") }
        for (number, record) in found.records { daemon.tell(.recordFound(number, record)) }
        if !found.isComplete { daemon.tell(.recordsIncomplete) }
    }

    /// - Throws: ENOSPC, EROFS, …: the grant would not outlive the daemon.
    func keep(_ number: SocketRecord.Number, _ record: SocketRecord) throws(SystemError) {
        do {
            try records.write(record, at: number)
        } catch {
            report(error)
            throw error
        }
        guard isBroken else { return }
        isBroken = false
        log.info("records of sockets are kept again")
    }

    /// A record that cannot be erased does no harm: the next daemon finds that its socket is gone.
    func erase(_ number: SocketRecord.Number) {
        do { try records.erase(number) } catch { report(error) }
    }

    private func report(_ error: SystemError) {
        if !isBroken { log.error("\(error); no addresses are given until records of them can be kept") }
        isBroken = true
    }
}
