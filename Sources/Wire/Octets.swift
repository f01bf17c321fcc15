// Frames are read and written by these few functions; integers are in network byte order.

/// Checks that octets have a frame's length and begin as every frame does.
func checkHeader(_ bytes: borrowing Span<UInt8>, size: Int) throws(FrameError) {
    guard bytes.count == size else { throw .wrongLength }
    guard (bytes[0], bytes[1], bytes[2]) == Version.signature else { throw .notOurs }
    guard bytes[3] == Version.current else { throw .unsupportedVersion }
}

func isZero(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Bool {
    for index in range where bytes[index] != 0 { return false }
    return true
}

func integer<Value: FixedWidthInteger>(_ bytes: borrowing Span<UInt8>, at offset: Int) -> Value {
    var value: Value = 0
    for index in offset..<offset + MemoryLayout<Value>.size {
        value = value << 8 | Value(truncatingIfNeeded: bytes[index])
    }
    return value
}

/// Writes a frame's first four octets and clears the rest.
func beginFrame(_ bytes: inout MutableSpan<UInt8>, size: Int) {
    precondition(bytes.count == size, "a frame has one length")
    (bytes[0], bytes[1], bytes[2]) = Version.signature
    bytes[3] = Version.current
    for index in 4..<size { bytes[index] = 0 }
}

func put<Value: FixedWidthInteger>(_ value: Value, into bytes: inout MutableSpan<UInt8>, at offset: Int) {
    var rest = value
    for index in (offset..<offset + MemoryLayout<Value>.size).reversed() {
        bytes[index] = UInt8(truncatingIfNeeded: rest)
        rest = rest >> 8
    }
}
