import CLibc

extension Process {
    /// When a process started, in microseconds of CLOCK_BOOTTIME, rounded down to the clock tick (field 22 of
    /// /proc/PID/stat, proc_pid_stat(5)); nil if it is gone or may not be looked at.
    public static func startTime(of process: Int32) -> UInt64? {
        guard process > 0, let line = try? File.read("/proc/\(process)/stat", limit: 4096) else { return nil }
        return startTime(in: line)
    }

    /// - Parameter line: the contents of /proc/PID/stat.
    static func startTime(in line: [UInt8]) -> UInt64? {
        // The second field is the program's name, which may hold spaces and parentheses of its own.
        guard let nameEnd = line.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = line[(nameEnd + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, let ticks = UInt64(String(decoding: fields[19], as: UTF8.self)) else {
            return nil
        }
        let ticksPerSecond = UInt64(max(sysconf(Int32(_SC_CLK_TCK)), 1))
        let (microseconds, overflow) = ticks.multipliedReportingOverflow(by: 1_000_000 / ticksPerSecond)
        return overflow ? nil : microseconds
    }
}
