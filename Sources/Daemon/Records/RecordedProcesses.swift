import Mobility
import Posix

/// Tells the process that asked from another that has its number by now.
struct RecordedProcesses {
    /// A grant has the time at which the wake-up began that handled it, which may be before the process started.
    private static let tolerance: Duration = .seconds(1)

    /// When each process started; nil if that cannot be seen.
    private var starts: [Int32: Instant?] = [:]

    /// Puts `goneProcess` in the place of a process that started after the grant.
    mutating func check(_ record: inout SocketRecord) {
        guard let process = record.requester?.process, let start = start(of: process) else { return }
        if start > record.since + Self.tolerance { record.requester?.process = Requester.goneProcess }
    }

    private mutating func start(of process: Int32) -> Instant? {
        if let known = starts[process] { return known }
        let start = Process.startTime(of: process).map { Instant(microseconds: $0) }
        starts[process] = .some(start)
        return start
    }
}
