import Testing
import Wire

// What the tests of all frames share.

func encoded(_ request: Request) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xaa, count: Request.size)
    var span = bytes.mutableSpan
    request.encode(into: &span)
    return bytes
}

func encoded(_ reply: Reply) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xaa, count: Reply.size)
    var span = bytes.mutableSpan
    reply.encode(into: &span)
    return bytes
}

func encoded(_ event: Event) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xaa, count: Event.size)
    var span = bytes.mutableSpan
    event.encode(into: &span)
    return bytes
}

/// Why octets are no request; nil if they are one.
func requestError(_ bytes: [UInt8]) -> FrameError? {
    do {
        _ = try Request(decoding: bytes.span)
        return nil
    } catch { return error }
}

/// Why octets are no reply; nil if they are one.
func replyError(_ bytes: [UInt8]) -> FrameError? {
    do {
        _ = try Reply(decoding: bytes.span)
        return nil
    } catch { return error }
}

/// Why octets are no event; nil if they are one.
func eventError(_ bytes: [UInt8]) -> FrameError? {
    do {
        _ = try Event(decoding: bytes.span)
        return nil
    } catch { return error }
}

extension [UInt8] {
    /// The same octets with one of them changed.
    func with(_ value: UInt8, at offset: Int) -> [UInt8] {
        var copy = self
        copy[offset] = value
        return copy
    }
}

/// Pseudo-random octets that are the same at each run (xorshift64).
struct OctetGenerator {
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15

    mutating func octets(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
