import CLibc
import Testing

@testable import EventLoop

/// What depends on variables of the environment, which all tests share: one after the other.
@Suite(.serialized) struct EnvironmentTests {
    /// A socket of the test's own stands in for the service manager: an abstract one leaves no file behind.
    @Test func readinessIsTold() throws {
        let manager = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | O_NONBLOCK | O_CLOEXEC, 0)
        try #require(manager >= 0)
        defer { close(manager) }
        // An address of the family alone: the kernel chooses an abstract name (unix(7), autobind).
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                let bound = unsafe bind(
                    manager, __CONST_SOCKADDR_ARG(__sockaddr__: generic),
                    socklen_t(MemoryLayout<sa_family_t>.size))
                #expect(bound == 0)
                let named = unsafe getsockname(manager, __SOCKADDR_ARG(__sockaddr__: generic), &length)
                #expect(named == 0)
            }
        }
        let pathStart = MemoryLayout<sa_family_t>.size
        let octets = unsafe withUnsafeBytes(of: &address) { unsafe Array($0[pathStart..<Int(length)]) }
        let name = "@" + String(decoding: octets.dropFirst(), as: UTF8.self)
        _ = unsafe setenv("NOTIFY_SOCKET", name, 1)
        defer { _ = unsafe unsetenv("NOTIFY_SOCKET") }

        Readiness.ready(status: "3 addresses\nREADY=0")
        #expect(receive(manager) == "READY=1\nSTATUS=3 addresses READY=0")
        Readiness.status("idle")
        #expect(receive(manager) == "STATUS=idle")
        Readiness.reloading()
        let reloading = receive(manager)
        #expect(reloading.hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
        #expect(Int(reloading.split(separator: "=").last ?? "") ?? 0 > 0)
        Readiness.stopping()
        #expect(receive(manager) == "STOPPING=1")
    }

    private func receive(_ descriptor: Int32) -> String {
        var octets = [UInt8](repeating: 0, count: 4096)
        let count = unsafe recv(descriptor, &octets, octets.count, 0)
        return String(decoding: octets.prefix(max(count, 0)), as: UTF8.self)
    }

    @Test func noServiceManagerWantsNoWatchdog() throws {
        #expect(try !EventLoop().startWatchdog())
    }

    @Test func theJournalIsKnownByItsDeviceAndInode() throws {
        let pipe = Pipe()
        var status = stat()
        try #require(unsafe fstat(pipe.writeEnd, &status) == 0)
        defer { _ = unsafe unsetenv("JOURNAL_STREAM") }
        #expect(!Log.isJournalStream(pipe.writeEnd))
        _ = unsafe setenv("JOURNAL_STREAM", "\(status.st_dev):\(status.st_ino)", 1)
        #expect(Log.isJournalStream(pipe.writeEnd))
        // Redirected since: another inode.
        _ = unsafe setenv("JOURNAL_STREAM", "\(status.st_dev):\(status.st_ino + 1)", 1)
        #expect(!Log.isJournalStream(pipe.writeEnd))
    }
}
