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

    /// A socket that is looked for.
    public struct Sought: Equatable, Sendable {
        /// That most likely has it; nil if it is known to be gone. A number that is no process's stands for one that
        /// cannot be looked into.
        public var process: Int32?
        public var inode: UInt32

        public init(process: Int32?, inode: UInt32) {
            self.process = process
            self.inode = inode
        }
    }

    /// Where a socket is, as far as can be seen.
    public enum Whereabouts: UInt8, Sendable {
        /// In no process.
        case nowhere
        case held
        /// Perhaps in the process that was named, which may not be looked into.
        case hidden
    }

    /// Looks into the processes that most likely have the sockets, and, for sockets that are not there, into all
    /// others: a socket may have been inherited or passed on.
    public static func whereabouts(of sought: [Sought]) -> [Whereabouts] {
        let wanted = Set(sought.map(\.inode))
        var held: Set<UInt32> = []
        var read: Set<Int32> = []
        var unreadable: Set<Int32> = []
        for process in Set(sought.compactMap(\.process)) {
            switch inodes(of: process, among: wanted) {
            case .gone: continue
            case .unreadable: unreadable.insert(process)
            case .readable(let found):
                held.formUnion(found)
                read.insert(process)
            }
        }
        let isHidden = { (one: Sought) in one.process.map(unreadable.contains) ?? false }
        let missing = sought.filter { !held.contains($0.inode) && !isHidden($0) }
        if !missing.isEmpty {
            held.formUnion(heldByAnyone(among: Set(missing.map(\.inode)), besides: read))
        }
        return sought.map { held.contains($0.inode) ? .held : isHidden($0) ? .hidden : .nowhere }
    }

    /// Whether a message with descriptors (unix(7), SCM_RIGHTS) waits for any process that can be looked into.
    ///
    /// Which descriptors they are the kernel does not say, only how many (`scm_fds` in /proc/PID/fdinfo, since Linux
    /// 5.6). It is true as well of a message that waits in a socket which is itself on its way: the first of such a
    /// chain is somebody's.
    ///
    /// systemd keeps descriptors of its own, of dynamic users and private networks, for good in pairs of sockets that have
    /// no name. They do not count; what waits at a name of systemd's does.
    public static func areDescriptorsInFlight() -> Bool {
        ((try? numbers(in: "/proc")) ?? []).contains(where: areDescriptorsWaiting(for:))
    }

    static func areDescriptorsWaiting(for process: Int32) -> Bool {
        guard let table = try? DescriptorTable(ofTaskAt: "/proc/\(process)") else { return false }
        let waiting = (try? table.socketsWithDescriptorsWaiting()) ?? []
        if waiting.isEmpty { return false }
        let name = (try? File.read("/proc/\(process)/comm", limit: 64)) ?? []
        guard name.elementsEqual("systemd\n".utf8) else { return true }
        let sockets = (try? File.read("/proc/\(process)/net/unix", limit: 1 << 24)) ?? []
        return !waiting.isDisjoint(with: namedSockets(in: String(decoding: sockets, as: UTF8.self)))
    }

    /// The inodes of Unix sockets that have a name.
    ///
    /// - Parameter sockets: the contents of /proc/PID/net/unix; the inode and the name are last in a line.
    static func namedSockets(in sockets: String) -> Set<UInt32> {
        let lines = sockets.split(separator: "\n").dropFirst()
        return Set(
            lines.compactMap { line in
                let fields = line.split(separator: " ", maxSplits: 7)
                return fields.count == 8 ? UInt32(fields[6]) : nil
            })
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
