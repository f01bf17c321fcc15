import CLibc
import EventLoop
import Foundation

@testable import Daemon
@testable import Posix

/// An administration server on a thread of its own, with a fake daemon behind it.
final class ServedAdministration: @unchecked Sendable {
    let path: String
    /// Read it after `stop()`.
    let journal = Journal()
    private let directory: URL
    private let ready = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    /// What the thread waits for: the end of this pipe.
    private let stopping = Pipe()
    private var failure: (any Error)?
    private var hasStopped = false

    /// - Parameter prepare: called on the thread of the server, before it serves.
    init(
        limits: AdministrationLimits = AdministrationLimits(),
        prepare: @escaping @Sendable (FakeDelegate, EventLoop) throws -> Void = { delegate, _ in
            delegate.addSamples()
        }
    ) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "odm-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.path)
        path = directory.appending(path: "admin").path
        let thread = Thread { [self] in
            do {
                try serve(limits, prepare)
            } catch {
                failure = error
                ready.signal()
            }
            ended.signal()
        }
        thread.start()
        ready.wait()
        if let failure { throw failure }
    }

    private func serve(
        _ limits: AdministrationLimits, _ prepare: (FakeDelegate, EventLoop) throws -> Void
    ) throws {
        let loop = try EventLoop()
        let delegate = FakeDelegate(journal: journal)
        try prepare(delegate, loop)
        let log = Log(program: "test", level: .error)
        let server = try AdministrationServer(
            listener: .open(path, .stream, mode: 0o666), on: loop, log: log, delegate: delegate,
            limits: limits)
        let stop = try loop.watch(stopping.fileHandleForReading.fileDescriptor, for: .input) { _ in
            loop.exit(0)
        }
        ready.signal()
        _ = try loop.run()
        withExtendedLifetime(stop) { server.close() }
    }

    func stop() {
        guard !hasStopped else { return }
        hasStopped = true
        try? stopping.fileHandleForWriting.close()
        ended.wait()
        try? FileManager.default.removeItem(at: directory)
    }

    deinit { stop() }
}

/// A client that sends what it likes, and gives up on a reply after ten seconds.
struct RawClient: ~Copyable {
    enum Outcome: Equatable {
        case message(String)
        case closed
        case nothing
    }

    private var descriptor: Descriptor
    private var received: [UInt8] = []

    init(_ path: String) throws {
        descriptor = try Descriptor.connected(to: path)
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ octets: [UInt8]) throws {
        var sent = 0
        while sent < octets.count { sent += try descriptor.write(octets, from: sent) }
    }

    func call(_ method: String, _ parameters: String = "{}", more: String = "") throws {
        try send(#"{"method":"org.odmd.Manager.\#(method)","parameters":\#(parameters)\#(more)}"# + "\0")
    }

    func endWriting() { shutdown(descriptor.number, Int32(SHUT_WR)) }

    /// The next message, or how the wait for it ended.
    mutating func receive(within seconds: Double = 10) -> Outcome {
        let deadline = Date().addingTimeInterval(seconds)
        while true {
            if let end = received.firstIndex(of: 0) {
                let message = String(decoding: received[..<end], as: UTF8.self)
                received.removeSubrange(...end)
                return .message(message)
            }
            var wanted = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
            let milliseconds = Int32(max(0, deadline.timeIntervalSinceNow) * 1000)
            guard unsafe poll(&wanted, 1, milliseconds) > 0 else { return .nothing }
            guard case .octets? = try? descriptor.read(into: &received, limit: 65536) else { return .closed }
        }
    }
}
