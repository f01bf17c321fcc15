import CLibc

/// Which processes hold which sockets, as far as /proc shows it.
///
/// Other users' processes take CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH to look into. A socket that is nobody's
/// descriptor may be alive all the same: on its way in a message (`areDescriptorsInFlight`), or registered with an
/// io_uring.
public enum SocketHolders {
    /// What one process holds.
    public enum Holding: Equatable, Sendable {
        /// There is no such process.
        case gone
        /// It is there, and may not be looked into.
        case unreadable
        /// It holds these of the wanted sockets, and no others of them.
        case readable(Set<UInt32>)
    }

    /// Tables of descriptors of one process that are read; usually its tasks share one. What has more is taken
    /// for unreadable.
    static let tableLimit = 64

    /// Which of the wanted sockets a process holds, in all its tasks.
    ///
    /// - Parameters:
    ///   - process: `unreadable` is what is said of a number that is no process's, below 1.
    ///   - wanted: inodes
    public static func inodes(of process: Int32, among wanted: Set<UInt32>) -> Holding {
        guard process > 0 else { return .unreadable }
        do {
            var found = try DescriptorTable(ofTaskAt: "/proc/\(process)").sockets(among: wanted).found
            if found.count < wanted.count {
                found.formUnion(try inodes(ofTasksOf: process, among: wanted.subtracting(found)))
            }
            // One that ends while it is looked at seems to hold nothing.
            return Process.isThere(process) ? .readable(found) : .gone
        } catch {
            return Process.isThere(process) ? .unreadable : .gone
        }
    }

    /// Which of the wanted sockets any process holds that can be looked into, ourselves included.
    ///
    /// - Parameters:
    ///   - wanted: inodes
    ///   - others: processes that have been looked into already
    public static func heldByAnyone(
        among wanted: Set<UInt32>, besides others: Set<Int32> = []
    ) -> Set<UInt32> {
        var held: Set<UInt32> = []
        for process in (try? numbers(in: "/proc")) ?? [] where !others.contains(process) {
            let left = wanted.subtracting(held)
            if left.isEmpty { break }
            guard let sight = try? DescriptorTable(ofTaskAt: "/proc/\(process)").sockets(among: left) else {
                continue
            }
            held.formUnion(sight.found)
            // A main thread that has ended leaves the descriptors to the others.
            if sight.isEmpty { held.formUnion((try? inodes(ofTasksOf: process, among: left)) ?? []) }
        }
        return held
    }

    /// Whether a message with descriptors (unix(7), SCM_RIGHTS) waits for any process that can be looked into.
    ///
    /// Which descriptors they are the kernel does not say, only how many (`scm_fds` in /proc/PID/fdinfo, since Linux
    /// 5.6). It is true as well of a message that waits in a socket which is itself on its way: the first of such a
    /// chain is somebody's.
    public static func areDescriptorsInFlight() -> Bool {
        for process in (try? numbers(in: "/proc")) ?? [] {
            let areWaiting = try? DescriptorTable(ofTaskAt: "/proc/\(process)").hasDescriptorsWaiting()
            if areWaiting == true { return true }
        }
        return false
    }

    /// Which sockets are in tables that tasks have to themselves (unshare(2), CLONE_FILES).
    private static func inodes(
        ofTasksOf process: Int32, among wanted: Set<UInt32>
    ) throws(SystemError) -> Set<UInt32> {
        var found: Set<UInt32> = []
        /// One task for each table.
        var seen = [process]
        for task in try numbers(in: "/proc/\(process)/task") {
            if seen.contains(where: { $0 == task || odm_share_descriptors($0, task) != 0 }) { continue }
            guard seen.count < tableLimit else {
                throw SystemError("look into process \(process)", errno: E2BIG)
            }
            do {
                let table = try DescriptorTable(ofTaskAt: "/proc/\(process)/task/\(task)")
                found.formUnion(try table.sockets(among: wanted).found)
                seen.append(task)
            } catch  where [ENOENT, ESRCH].contains(error.errno) {
                continue
            }
        }
        return found
    }

    private static func numbers(in directory: String) throws(SystemError) -> [Int32] {
        try File.names(in: directory, endingIn: "").compactMap { Int32($0) }
    }
}
