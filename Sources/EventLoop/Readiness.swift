import CSystemd

/// What the service manager is told of the daemon's state (sd_notify). Without one (NOTIFY_SOCKET is not set)
/// nothing happens, and a message that cannot be sent is nobody's business.
public enum Readiness {
    public static func ready(status: String) {
        send("READY=1\nSTATUS=\(singleLine(status))")
    }

    /// One line for `systemctl status`.
    public static func status(_ status: String) {
        send("STATUS=\(singleLine(status))")
    }

    /// A reload begins; `ready` ends it. `Type=notify-reload` wants the time too.
    public static func reloading() {
        var time = timespec()
        let result = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        precondition(result == 0, "every Linux has CLOCK_MONOTONIC")
        let microseconds = time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
        send("RELOADING=1\nMONOTONIC_USEC=\(microseconds)")
    }

    public static func stopping() {
        send("STOPPING=1")
    }

    private static func send(_ assignments: String) {
        _ = unsafe sd_notify(0, assignments)
    }
}

/// The text with a space for each control character, so that one line stays one line.
func singleLine(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 < 0x20 }) else { return text }
    return String(decoding: text.utf8.map { $0 < 0x20 ? 0x20 : $0 }, as: UTF8.self)
}
