import CLibc
import Testing

@testable import Posix

private let isRoot = geteuid() == 0

@Suite("Open sockets of processes", .serialized)
struct SocketHoldersTests {
    @Test func onesOwnSocketIsHeldUntilItsLastCopyIsClosed() throws {
        let (descriptor, inode) = try openSocket()
        // In the place of another, so that no child of another test inherits it meanwhile.
        let copy = try openSocket().descriptor
        #expect(dup3(descriptor, copy, O_CLOEXEC) == copy)
        close(descriptor)
        #expect(SocketHolders.inodes(of: getpid(), among: [inode, 1]) == .readable([inode]))
        #expect(SocketHolders.heldByAnyone(among: [inode, 1]) == [inode])
        close(copy)
        #expect(SocketHolders.inodes(of: getpid(), among: [inode]) == .readable([]))
        #expect(isHeldByNobody(inode))
    }

    @Test func manyAreFoundAmongMore() throws {
        let sockets = try (0..<200).map { _ in try openSocket() }
        defer { for socket in sockets { close(socket.descriptor) } }
        let inodes = Set(sockets.map(\.inode))
        let wanted = Set(inodes.prefix(100))
        #expect(SocketHolders.inodes(of: getpid(), among: wanted.union([1, 2])) == .readable(wanted))
        #expect(SocketHolders.heldByAnyone(among: inodes) == inodes)
        #expect(SocketHolders.inodes(of: getpid(), among: []) == .readable([]))
    }

    @Test func aChildThatInheritedASocketHoldsIt() throws {
        let (descriptor, inode) = try openSocket()
        let child = try Child("sleep", "100", inheriting: descriptor)
        close(descriptor)
        #expect(SocketHolders.inodes(of: child.process, among: [inode]) == .readable([inode]))
        #expect(SocketHolders.inodes(of: getpid(), among: [inode]) == .readable([]))
        #expect(SocketHolders.heldByAnyone(among: [inode]) == [inode])
        child.kill()
        // Not waited for: a zombie holds nothing.
        #expect(SocketHolders.inodes(of: child.process, among: [inode]) == .readable([]))
        #expect(isHeldByNobody(inode))
        child.wait()
        #expect(SocketHolders.inodes(of: child.process, among: [inode]) == .gone)
    }

    @Test func aTaskWithDescriptorsOfItsOwnHoldsThem() throws {
        let holding = try inOwnThread {
            precondition(unshare(CLONE_FILES) == 0)
            let (_, inode) = try openSocket()
            return (inode, SocketHolders.inodes(of: getpid(), among: [inode]))
        }
        #expect(holding.1 == .readable([holding.0]))
        #expect(SocketHolders.inodes(of: getpid(), among: [holding.0]) == .readable([]))
    }

    @Test func aMainThreadThatHasEndedLeavesSocketsToTheOthers() throws {
        let (descriptor, inode) = try openSocket()
        let script = """
            import ctypes, threading, time
            threading.Thread(target=time.sleep, args=(100,)).start()
            ctypes.CDLL(None).pthread_exit(None)
            """
        let child = try Child("python3", "-c", script, inheriting: descriptor)
        close(descriptor)
        // The table of a main thread that has ended is empty.
        let hasEnded = eventually {
            SocketHolders.inodes(of: child.process, among: [0]) == .readable([]) && child.mainThreadHasEnded
        }
        #expect(hasEnded)
        #expect(SocketHolders.inodes(of: child.process, among: [inode]) == .readable([inode]))
        #expect(SocketHolders.heldByAnyone(among: [inode]) == [inode])
        child.kill()
        child.wait()
    }

    @Test func whereSocketsAre() throws {
        let (descriptor, inode) = try openSocket()
        let child = try Child("sleep", "100", inheriting: descriptor)
        close(descriptor)
        let sought = [
            SocketHolders.Sought(process: child.process, inode: inode),
            SocketHolders.Sought(process: getpid(), inode: inode),
            SocketHolders.Sought(process: nil, inode: inode),
            SocketHolders.Sought(process: nil, inode: 1), SocketHolders.Sought(process: getpid(), inode: 1),
            SocketHolders.Sought(process: -1, inode: 1), SocketHolders.Sought(process: .max, inode: 1),
        ]
        #expect(
            SocketHolders.whereabouts(of: sought) == [
                .held, .held, .held, .nowhere, .nowhere, .hidden, .nowhere,
            ])
        child.kill()
        child.wait()
    }

    /// A process that has sent itself a descriptor and does not read it.
    @Test(arguments: [
        ("systemd", false, false), ("systemd", true, true), ("other", false, true), ("other", true, true),
    ])
    func whatSystemdKeepsInSocketsWithoutNameIsNotOnItsWay(name: String, hasName: Bool, counts: Bool) throws {
        let script = """
            import os, socket, time
            open("/proc/self/comm", "w").write("\(name)")
            reading, writing = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            if \(hasName ? "True" : "False"):
                reading = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                reading.bind("\\0odm-test-" + str(os.getpid()))
                writing = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                writing.connect(reading.getsockname())
            socket.send_fds(writing, [b"!"], [0])
            os.write(9, b"!")
            time.sleep(100)
            """
        var ends: [Int32] = [0, 0]
        try #require(unsafe pipe2(&ends, O_CLOEXEC) == 0)
        let child = try Child("python3", "-c", script, inheriting: ends[1])
        var octet: UInt8 = 0
        #expect(unsafe read(ends[0], &octet, 1) == 1)
        #expect(SocketHolders.areDescriptorsWaiting(for: child.process) == counts)
        close(ends[0])
        close(ends[1])
        child.kill()
        child.wait()
    }

    @Test func theNamesOfSockets() {
        let sockets = """
            Num       RefCount Protocol Flags    Type St Inode Path
            0000000000000000: 00000002 00000000 00010000 0001 01 12345 /run/dbus/system_bus_socket
            0000000000000000: 00000003 00000000 00000000 0002 01   678
            0000000000000000: 00000002 00000000 00000000 0002 01  910 @a b
            """
        #expect(SocketHolders.namedSockets(in: sockets) == [12345, 910])
    }

    @Test(.enabled(if: isRoot, "only root can become somebody else"))
    func aProcessOfAnotherUserCannotBeLookedInto() throws {
        let holding = try inOwnThread {
            // Of this thread alone; the capabilities to look everywhere go with it.
            setfsuid(65534)
            return SocketHolders.inodes(of: 1, among: [4711])
        }
        #expect(holding == .unreadable)
    }

    @Test(arguments: [0, -1, -2]) func aNumberThatIsNoProcessIsUnreadable(process: Int32) {
        #expect(SocketHolders.inodes(of: process, among: [4711]) == .unreadable)
    }

    @Test func aNumberThatNoProcessHasIsGone() {
        #expect(SocketHolders.inodes(of: .max, among: [4711]) == .gone)
    }
}

private func openSocket() throws -> (descriptor: Int32, inode: UInt32) {
    let descriptor = socket(AF_INET6, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var status = stat()
    try #require(unsafe fstat(descriptor, &status) == 0)
    return (descriptor, UInt32(status.st_ino))
}

/// A program that is just being started by another test has copies of everything until it runs.
private func isHeldByNobody(_ inode: UInt32) -> Bool {
    eventually { SocketHolders.heldByAnyone(among: [inode]).isEmpty }
}

/// True as soon as `condition` is, false after two seconds.
private func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<400 {
        if condition() { return true }
        usleep(5_000)
    }
    return false
}

/// A program that has inherited a descriptor.
private final class Child {
    let process: Int32

    init(_ arguments: String..., inheriting descriptor: Int32) throws {
        var process: pid_t = 0
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        // A copy without FD_CLOEXEC.
        unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, 9)
        var pointers = unsafe arguments.map { unsafe strdup($0) } + [nil]
        let status = unsafe posix_spawnp(&process, arguments[0], &actions, nil, &pointers, nil)
        for index in unsafe pointers.indices { unsafe free(pointers[index]) }
        unsafe posix_spawn_file_actions_destroy(&actions)
        try #require(status == 0)
        self.process = process
    }

    /// Kills it and waits until it is a zombie.
    func kill() {
        CLibc.kill(process, SIGKILL)
        var info = unsafe siginfo_t()
        unsafe waitid(P_PID, id_t(process), &info, WEXITED | WNOWAIT)
    }

    func wait() {
        waitpid(process, nil, 0)
    }

    var mainThreadHasEnded: Bool {
        let line = (try? File.read("/proc/\(process)/stat", limit: 4096)) ?? []
        return String(decoding: line, as: UTF8.self).contains(") Z ")
    }
}
