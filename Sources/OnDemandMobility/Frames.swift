import Wire

// The daemon's frames, as what they mean for the caller (docs/protocol.md).

/// What recv(2) brought: what fits into the longest frame, and how many octets were sent.
struct Packet {
    var octets = InlineArray<48, UInt8>(repeating: 0)
    var length = 0

    /// Reads it as a frame of one length.
    ///
    /// - Throws: EPROTONOSUPPORT for another version of the protocol, whose frames may have other lengths; EBADMSG for
    ///   everything else that is no such frame.
    fileprivate func decode<Frame>(
        _ size: Int, _ decoder: (borrowing Span<UInt8>) throws(FrameError) -> Frame
    ) throws(MobilityError) -> Frame {
        do {
            let frame = try decoder(octets.span.extracting(0..<size))
            guard length == size else { throw MobilityError.notOurProtocol }
            return frame
        } catch FrameError.unsupportedVersion where length > 3 {
            throw .notSupported(ErrorNumber.protocolNotSupported)
        } catch {
            throw .notOurProtocol
        }
    }
}

extension SourceAddress {
    init(_ packet: Packet, answering operation: Request.Operation) throws(MobilityError) {
        let reply = try packet.decode(Reply.size) { octets throws(FrameError) in try Reply(decoding: octets) }
        let address = IPv6Address(high: reply.addressHigh, orNoneWith: reply.addressLow)
        let isOperation = reply.operation == operation.rawValue
        guard reply.status != .granted else {
            guard isOperation, reply.errno == 0, let address, let type = ContinuityType(rawValue: reply.type)
            else { throw .notOurProtocol }
            self.init(address, type)
            return
        }
        // A daemon that could not read the request cannot say which operation it was.
        guard isOperation || reply.operation == 0, reply.errno > 0, address == nil, reply.type == 0
        else { throw .notOurProtocol }
        throw reply.refusal
    }
}

extension Reply {
    fileprivate var refusal: MobilityError {
        switch status {
        case .granted: preconditionFailure("nothing is refused")
        case .notSupported: .notSupported(errno)
        case .failed: .failed(errno)
        case .callerError:
            errno == ErrorNumber.protocolNotSupported ? .notSupported(errno) : .system(errno)
        }
    }
}

extension AddressEvent {
    init(_ packet: Packet) throws(MobilityError) {
        let event = try packet.decode(Event.size) { octets throws(FrameError) in try Event(decoding: octets) }
        let replacement = IPv6Address(high: event.replacementHigh, orNoneWith: event.replacementLow)
        guard let type = ContinuityType(rawValue: event.type),
            let address = IPv6Address(high: event.addressHigh, orNoneWith: event.addressLow),
            event.what != .replaced || replacement != nil
        else { throw .notOurProtocol }
        let endsIn: Duration? = event.milliseconds == Event.noEnd ? nil : .milliseconds(event.milliseconds)
        self.init(Change(event.what), address, type, replacement: replacement, endsIn: endsIn)
    }
}

extension AddressEvent.Change {
    fileprivate init(_ what: Event.What) {
        self =
            switch what {
            case .deprecated: .deprecated
            case .replaced: .replaced
            case .removed: .removed
            case .restored: .restored
            }
    }
}
