import CLibc
import Foundation
import OnDemandMobility
import Posix
import Testing

/// Times that are over, tasks that are cancelled, and a daemon whose queue is full.
struct WaitingTests {
    private let clock = ContinuousClock()
    private let timedOut = MobilityError(.failed, errno: ETIMEDOUT)

    @Test(arguments: Calls.allCases, [Duration.zero, .milliseconds(100), .seconds(-1)])
    func aTimeThatIsOver(calls: Calls, duration: Duration) async throws {
        let daemon = try FakeDaemon.silent()
        let client = MobilityClient(path: daemon.path)
        let socket = ipv6Socket()
        let began = clock.now
        let errors = [
            await refusal { () async throws(MobilityError) in
                try await calls.setsc(client, socket.number, within: duration)
            },
            await refusal { () async throws(MobilityError) in
                try await calls.getsc(client, socket.number, within: duration)
            },
            await refusal { () async throws(MobilityError) in
                try await calls.watch(client, socket.number, within: duration)
            },
        ]
        #expect(errors == [timedOut, timedOut, timedOut])
        #expect(began.duration(to: clock.now) >= duration * 3)
        #expect(await becomes { daemon.closed == 3 }, "the requests are taken back")
    }

    @Test(arguments: Calls.allCases)
    func aTimeThatIsLongerThanAnyClock(calls: Calls) async throws {
        let daemon = try FakeDaemon { connection in
            usleep(20_000)
            connection.send(granted())
        }
        let client = MobilityClient(path: daemon.path)
        let forEver = Duration(secondsComponent: .max, attosecondsComponent: 0)
        let socket = ipv6Socket()
        #expect(try await calls.setsc(client, socket.number, within: forEver) == RequestTests.address)
    }

    @Test(arguments: Calls.allCases)
    func aQueueThatStaysFull(calls: Calls) async throws {
        let queue = try FullQueue()
        let socket = ipv6Socket()
        let error = await refusal { () async throws(MobilityError) in
            try await calls.setsc(MobilityClient(path: queue.path), socket.number, within: .milliseconds(150))
        }
        #expect(error == timedOut)
    }

    @Test(arguments: Calls.allCases)
    func aQueueThatIsFullForAWhile(calls: Calls) async throws {
        let queue = try FullQueue()
        let number = queue.listener.number
        Thread.detachNewThread {
            usleep(100_000)
            for _ in 0..<2 { unsafe close(accept(number, __SOCKADDR_ARG(), nil)) }
        }
        let socket = ipv6Socket()
        let error = await refusal { () async throws(MobilityError) in
            try await calls.setsc(MobilityClient(path: queue.path), socket.number, within: .seconds(10))
        }
        #expect(error == MobilityError(.failed, errno: ECONNRESET))
    }

    @Test func aTaskThatIsCancelled() async throws {
        let daemon = try FakeDaemon.silent()
        let client = MobilityClient(path: daemon.path)
        let socket = ipv6Socket()
        let number = socket.number
        let task = Task { try await client.setsc(number, .sessionLasting) }
        #expect(await becomes { daemon.asked.count == 1 })
        task.cancel()
        await #expect(throws: MobilityError(.cancelled, errno: ECANCELED)) { try await task.value }
        #expect(await becomes { daemon.closed == 1 }, "the request is taken back")
    }

    @Test func aTaskThatIsCancelledBeforeItAsks() async throws {
        let daemon = try FakeDaemon.silent()
        let client = MobilityClient(path: daemon.path)
        let socket = ipv6Socket()
        let number = socket.number
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await client.setsc(number, .sessionLasting)
        }
        task.cancel()
        await #expect(throws: MobilityError(.cancelled, errno: ECANCELED)) { try await task.value }
    }

    @Test func aTaskThatIsCancelledWhileTheQueueIsFull() async throws {
        let queue = try FullQueue()
        let socket = ipv6Socket()
        let number = socket.number
        let client = MobilityClient(path: queue.path)
        let task = Task { try await client.setsc(number, .sessionLasting) }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        await #expect(throws: MobilityError(.cancelled, errno: ECANCELED)) { try await task.value }
    }

    /// More tasks wait than there are threads for tasks, and others go on.
    @Test func noThreadOfTasksIsKeptWaiting() async throws {
        let daemon = try FakeDaemon { connection in connection.waitForTheEnd() }
        let client = MobilityClient(path: daemon.path)
        let socket = ipv6Socket()
        let number = socket.number
        let tasks = (0..<100).map { _ in Task { try await client.setsc(number, .sessionLasting) } }
        #expect(await becomes { daemon.asked.count == 1 }, "this task goes on")
        for task in tasks { task.cancel() }
        for task in tasks {
            await #expect(throws: MobilityError(.cancelled, errno: ECANCELED)) { try await task.value }
        }
    }
}

/// A daemon that accepts nobody, and one client in its queue, for which there is no more room.
private struct FullQueue: ~Copyable {
    let path: String
    let listener: Descriptor
    private let first: Descriptor

    init() throws {
        path = "/tmp/odm-swift-\(UUID().uuidString)"
        listener = try bound(at: path, waiting: 0)
        first = Descriptor(adopting: socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0))
        #expect(unsafe withAddress(of: path) { unsafe connect(first.number, $0, $1) } == 0)
    }

    deinit { unsafe unlink(path) }
}
