import Synchronization

/// The one thread that waits with poll(2) for all tasks, so that none of the threads that run tasks has to.
///
/// It is started by the first task that waits, and stays. It is one for the process, because a thread for each watch
/// would be too many.
final class ReadinessThread: Sendable {
    static let shared = ReadinessThread()

    enum Outcome: Sendable {
        case readable
        case timedOut
        case cancelled
        /// There is no room for a descriptor or a thread; the errno.
        case impossible(Int32)
    }

    private struct Waiting {
        let descriptor: Int32
        let deadline: Deadline
        let continuation: CheckedContinuation<Outcome, Never>
    }

    private struct State {
        /// By which the thread is told that the list has changed; nil until the thread runs.
        var alarm: (watched: Int32, raised: Int32)?
        var waiting: [UInt64: Waiting] = [:]
    }

    private let state = Mutex(State())
    private let latest = Atomic<UInt64>(0)

    /// Suspends the task until there is something to read, or the other side has closed.
    func wait(for descriptor: Int32, until deadline: Deadline) async -> Outcome {
        let identifier = latest.wrappingAdd(1, ordering: .relaxed).newValue
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                add(
                    Waiting(descriptor: descriptor, deadline: deadline, continuation: continuation),
                    as: identifier)
            }
        } onCancel: {
            cancel(identifier)
        }
    }

    private func add(_ waiting: Waiting, as identifier: UInt64) {
        let outcome: Outcome? = state.withLock { state in
            // A task is marked as cancelled before its handler is called. So either it is marked already, or the
            // handler waits for the lock and finds the entry.
            if Task.isCancelled { return .cancelled }
            if let errno = start(&state) { return .impossible(errno) }
            state.waiting[identifier] = waiting
            if let alarm = state.alarm { SystemCalls.raise(alarm.raised) }
            return nil
        }
        if let outcome { waiting.continuation.resume(returning: outcome) }
    }

    private func cancel(_ identifier: UInt64) {
        let cancelled = state.withLock { state in
            let cancelled = state.waiting.removeValue(forKey: identifier)
            // The thread must let go of the descriptor: while it waits for it, the daemon does not see it closed.
            if cancelled != nil, let alarm = state.alarm { SystemCalls.raise(alarm.raised) }
            return cancelled
        }
        cancelled?.continuation.resume(returning: .cancelled)
    }

    /// Starts the thread if it does not run; returns the errno if it cannot.
    private func start(_ state: inout State) -> Int32? {
        guard state.alarm == nil else { return nil }
        switch SystemCalls.alarm() {
        case .failure(let error): return error.number
        case .success(let alarm):
            let errno = SystemCalls.startThread { ReadinessThread.shared.run() }
            guard errno == 0 else {
                SystemCalls.close(alarm.watched)
                SystemCalls.close(alarm.raised)
                return errno
            }
            state.alarm = alarm
            return nil
        }
    }

    private func run() {
        // The lock is held by whoever starts the thread until the alarm is there.
        guard let alarm = state.withLock({ $0.alarm?.watched }) else { preconditionFailure("no alarm") }
        while true {
            let waiting = state.withLock { state in
                state.waiting.map {
                    (identifier: $0.key, descriptor: $0.value.descriptor, deadline: $0.value.deadline)
                }
            }
            let milliseconds = waiting.map(\.deadline.pollMilliseconds).filter { $0 >= 0 }.min() ?? -1
            let descriptors = [alarm] + waiting.map(\.descriptor)
            let readable = SystemCalls.readable(descriptors, milliseconds: milliseconds)
            if readable[0] { SystemCalls.silence(alarm) }
            for (waiting, isReadable) in zip(waiting, readable.dropFirst()) {
                finish(waiting.identifier, isReadable: isReadable)
            }
        }
    }

    private func finish(_ identifier: UInt64, isReadable: Bool) {
        let finished = state.withLock { state -> Waiting? in
            guard let waiting = state.waiting[identifier], isReadable || waiting.deadline.isOver
            else { return nil }
            state.waiting[identifier] = nil
            return waiting
        }
        finished?.continuation.resume(returning: isReadable ? .readable : .timedOut)
    }
}
