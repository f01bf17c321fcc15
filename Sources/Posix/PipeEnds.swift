import CLibc

/// Both ends of a pipe: what is written to the one is read from the other.
struct PipeEnds: ~Copyable {
    /// Octets that every empty pipe takes whole and at once.
    static let room = Int(PIPE_BUF)

    let reading: Descriptor
    let writing: Descriptor

    private init(reading: consuming Descriptor, writing: consuming Descriptor) {
        self.reading = reading
        self.writing = writing
    }

    /// A pipe (pipe2).
    ///
    /// - Parameter readingWaits: false if reading shall not block; writing does.
    static func make(readingWaits: Bool) throws(SystemError) -> PipeEnds {
        var ends: (Int32, Int32) = (-1, -1)
        _ = try check("pipe") {
            unsafe withUnsafeMutableBytes(of: &ends) {
                unsafe pipe2($0.baseAddress!.assumingMemoryBound(to: Int32.self), O_CLOEXEC)
            }
        }
        let pipe = PipeEnds(reading: Descriptor(adopting: ends.0), writing: Descriptor(adopting: ends.1))
        if !readingWaits { _ = try check("fcntl") { odm_set_nonblocking(ends.0) } }
        return pipe
    }

    /// Writes what a reader will find, before there is one: so nobody can be late for it, or end without reading.
    ///
    /// - Precondition: nothing was written before, and it is not more than `room`.
    func fill(with octets: [UInt8]) throws(SystemError) {
        precondition(octets.count <= Self.room, "a pipe has no room for that")
        let number = writing.number
        let count = try check("write to a pipe") {
            unsafe octets.withUnsafeBytes { unsafe CLibc.write(number, $0.baseAddress, $0.count) }
        }
        precondition(count == octets.count, "a pipe takes up to PIPE_BUF octets whole")
    }

    /// Closes the end that is written to.
    consuming func takeReading() -> Descriptor { reading }
}
