/// What a helper program may take up, and how long it is waited for.
struct HelperLimits {
    /// Programs of one source at a time.
    var programs = 8
    /// Questions for a prefix at a time, those whose program runs included. More means that the program does not
    /// keep up.
    var acquisitions = 64
    /// Prefixes at a time, asked for, held or on their way back.
    var leases = 1024
    /// Time from the start of a program to its end. A modem may take long to bring up a session; a request does not
    /// wait longer than `RequestTimeoutSec=` anyway.
    var timeout: Duration = .seconds(30)
    /// Time from SIGTERM to SIGKILL, in which a program can undo what it did.
    var timeToEnd: Duration = .seconds(2)
    /// Octets of an answer; ours takes some 200.
    var answer = 4096
    /// Octets that one program may write to standard error. No program says so much that is worth reading.
    var messages = 64 * 1024
    /// Lines of standard error of one program that are logged: what went wrong, and on the way where.
    var lines = 20
    /// Lines of all programs of a source that are logged in a minute.
    var linesAMinute = 60
    /// Least time between two tries to renew a prefix.
    var timeBetweenRenewals: Duration = .seconds(5)
    /// Tries to give a prefix back, and the time between them.
    var releases = 3
    var timeBetweenReleases: Duration = .seconds(10)
}
