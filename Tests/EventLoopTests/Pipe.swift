import CLibc

/// Two connected descriptors that close themselves.
final class Pipe {
    let readEnd: Int32
    private(set) var writeEnd: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        let result = unsafe pipe2(&ends, O_CLOEXEC | O_NONBLOCK)
        precondition(result == 0, "pipe2 failed")
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    func write(_ text: String) {
        let octets = Array(text.utf8)
        let count = unsafe CLibc.write(writeEnd, octets, octets.count)
        precondition(count == octets.count, "write failed")
    }

    func read() -> String {
        var octets = [UInt8](repeating: 0, count: 4096)
        let count = unsafe CLibc.read(readEnd, &octets, octets.count)
        return String(decoding: octets.prefix(max(count, 0)), as: UTF8.self)
    }

    func closeWriteEnd() {
        close(writeEnd)
        writeEnd = -1
    }

    deinit {
        close(readEnd)
        if writeEnd >= 0 { close(writeEnd) }
    }
}
