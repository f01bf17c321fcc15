import CLibc

/// The clock of the event loop (CLOCK_BOOTTIME), read now and not at the start of the wake-up. The kernel lets a process
/// read it without a system call.
public enum BootClock {
    public static var microseconds: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
    }
}
