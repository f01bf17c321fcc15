import EventLoop
import Mobility

/// Its beginning and its end.
extension Daemon {
    /// Reads what is in the kernel and follows it from then on.
    func recover() throws {
        try kernel.watch(for: self)
        try sleep.start { [unowned self] in tell(.resumed) }
        for known in networks.load() { tell(.networkFound(known)) }
        try network.recover(for: self)
        try kernel.recover(for: self)
        records.recover(for: self)
        _ = hooks.configure(isWanted: usesHooks, for: self)
        if rules.addressCount > 0 {
            log.info(
                "taken over from an earlier run: addresses \(rules.addressCount), sockets \(rules.socketCount)"
            )
        }
        tell(.recovered)
    }

    /// At the daemon's end: what nobody needs goes.
    func stop() {
        hooks.stop()
        tell(.stopping)
    }
}
