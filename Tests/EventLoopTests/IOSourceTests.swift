import CLibc
import Testing

@testable import EventLoop

@Suite struct IOSourceTests {
    @Test func readableAndHangUp() throws {
        let loop = try EventLoop()
        let pipe = Pipe()
        var seen: [IOEvents] = []
        let source = try loop.watch(pipe.readEnd, for: .input) { events in
            seen.append(events)
            if seen.count == 1 {
                #expect(pipe.read() == "x")
                // The last writer goes: reported although it was not asked for.
                pipe.closeWriteEnd()
            } else {
                loop.exit(0)
            }
        }
        pipe.write("x")
        #expect(try loop.run() == 0)
        #expect(seen == [.input, .hangUp])
        withExtendedLifetime(source) {}
    }

    @Test func outputOnlyWhileAskedFor() throws {
        let loop = try EventLoop()
        let pipe = Pipe()
        var writable = 0
        var source: IOSource?
        source = try loop.watch(pipe.writeEnd, for: .output) { events in
            writable += 1
            #expect(events == .output)
            if writable == 3 { source?.setEvents([]) }
        }
        let end = try loop.timer { loop.exit(0) }
        end.arm(at: loop.now + 20_000)
        _ = try loop.run()
        #expect(writable == 3)
        source = nil
    }

    /// A child between fork() and exec() holds a copy of every descriptor: closing ours does not end what epoll
    /// knows of it, only the source's end does.
    @Test func aSourceThatItsHandlerDropsHasEndedBeforeTheDescriptorIsClosed() throws {
        let loop = try EventLoop()
        let pipe = Pipe()
        let watched = dup(pipe.readEnd)
        var calls = 0
        var source: IOSource?
        source = try loop.watch(watched, for: .input) { _ in
            calls += 1
            source = nil
            close(watched)
        }
        #expect(source != nil)
        pipe.write("x")
        let end = try loop.timer { loop.exit(0) }
        end.arm(at: loop.now + 20_000)
        _ = try loop.run()
        #expect(calls == 1)
    }

    @Test func aHandlerMayDropItsOwnSource() throws {
        let loop = try EventLoop()
        let pipe = Pipe()
        let witness = Witness()
        var calls = 0
        var source: IOSource?
        source = try loop.watch(pipe.readEnd, for: .input) { [witness] _ in
            source = nil
            // The closure and what it holds live until it returns.
            witness.touched += 1
            calls += 1
        }
        #expect(source != nil)
        pipe.write("x")
        let end = try loop.timer { loop.exit(0) }
        end.arm(at: loop.now + 20_000)
        _ = try loop.run()
        #expect(calls == 1)
        #expect(witness.touched == 1)
    }

    @Test func aDroppedSourceIsNotConfusedWithANewOneOfTheSameNumber() throws {
        let loop = try EventLoop()
        let (old, new, trigger) = (Pipe(), Pipe(), Pipe())
        // A number that nobody else in this process is given meanwhile.
        let number: Int32 = 900
        dup2(old.readEnd, number)
        defer { close(number) }
        var calls = 0
        var source: IOSource? = try loop.watch(number, for: .input, priority: .late) { _ in
            Issue.record("the pending event of a dropped source was delivered")
        }
        // Both descriptors are readable in the same wake-up, and this one has its turn first.
        let first = try loop.watch(trigger.readEnd, for: .input, priority: .early) { _ in
            _ = trigger.read()
            source = nil
            dup2(new.readEnd, number)
            source = try? loop.watch(number, for: .input) { _ in
                calls += 1
                #expect(new.read() == "new")
                loop.exit(0)
            }
        }
        old.write("old")
        trigger.write("x")
        let later = try loop.timer {
            #expect(calls == 0)
            new.write("new")
        }
        later.arm(at: loop.now + 20_000)
        _ = try loop.run()
        #expect(calls == 1)
        withExtendedLifetime((first, source)) {}
    }

    @Test func prioritiesDecideTheOrder() throws {
        let loop = try EventLoop()
        let pipes = [Pipe(), Pipe(), Pipe()]
        var order: [String] = []
        var sources: [IOSource] = []
        for (pipe, (name, priority)) in zip(
            pipes, [("late", EventLoop.Priority.late), ("normal", .normal), ("early", .early)])
        {
            pipe.write("x")
            sources.append(
                try loop.watch(pipe.readEnd, for: .input, priority: priority) { _ in
                    _ = pipe.read()
                    order.append(name)
                    if order.count == 3 { loop.exit(0) }
                })
        }
        _ = try loop.run()
        #expect(order == ["early", "normal", "late"])
    }

    @Test func aDisabledSourceIsSilentUntilItIsEnabled() throws {
        let loop = try EventLoop()
        let pipe = Pipe()
        var isEnabled = false
        let source = try loop.watch(pipe.readEnd, for: .input) { _ in
            #expect(isEnabled)
            loop.exit(7)
        }
        source.setEnabled(false)
        pipe.write("x")
        let timer = try loop.timer {
            isEnabled = true
            source.setEnabled(true)
        }
        timer.arm(at: loop.now + 10_000)
        #expect(try loop.run() == 7)
    }

    @Test func anErrorReadsAsALogLine() throws {
        let loop = try EventLoop()
        let error = #expect(throws: EventLoopError.self) { _ = try loop.watch(987_654, for: .input) { _ in } }
        #expect(error == EventLoopError(operation: "watch descriptor 987654", errno: EBADF))
        #expect(error?.description == "watch descriptor 987654: Bad file descriptor (EBADF)")
    }
}

final class Witness {
    var touched = 0
}
