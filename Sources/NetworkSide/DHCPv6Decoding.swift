internal import Mobility

/// Reading messages. An option that stands twice where it may stand once counts as it stands first.
extension DHCPv6Message {
    /// An answer to us has one association. There is no need to keep more of a server that sends many.
    static let maxAssociations = 16
    /// Of an association one prefix is used.
    static let maxAssignments = 64
    /// Octets of a DUID: a type, and 1 to 128 more (RFC 8415, section 11.1).
    public static let identifierLengths = 3...130

    /// Reads a message, and refuses it as a whole if a part of it is malformed.
    ///
    /// - Parameter continuityOption: number of OPTION_IPv6_CONTINUITY_SERVICE. Without it the option is skipped like
    ///   every other that is not known.
    public init(_ octets: Span<UInt8>, continuityOption: UInt16? = nil) throws(DHCPv6DecodingError) {
        var reader = OctetReader(octets)
        guard let word: UInt32 = reader.integer(octets) else { throw .tooShort }
        let number = UInt8(word >> 24)
        guard let kind = Kind(rawValue: number) else { throw .unknownKind(number) }
        self.init(kind, transactionIdentifier: word & 0xff_ffff)
        while var option = try DHCPv6OptionReader(&reader, octets) {
            try read(&option, octets, continuityOption)
        }
    }

    private mutating func read(
        _ option: inout DHCPv6OptionReader, _ octets: Span<UInt8>, _ continuityOption: UInt16?
    ) throws(DHCPv6DecodingError) {
        switch DHCPv6OptionCode(rawValue: option.number) {
        case .clientIdentifier: keep(try option.identifier(octets), in: &clientIdentifier)
        case .serverIdentifier: keep(try option.identifier(octets), in: &serverIdentifier)
        case .nonTemporaryAddresses:
            try add(option.association(.nonTemporaryAddress, octets, continuityOption))
        case .prefixDelegation: try add(option.association(.prefixDelegation, octets, continuityOption))
        case .optionRequest:
            while !option.isAtEnd { optionRequest.append(try option.integer(octets)) }
        case .preference: keep(try option.onlyInteger(octets), in: &preference)
        case .elapsedTime: keep(try option.onlyInteger(octets), in: &elapsedTime)
        case .status: keep(try option.status(octets), in: &status)
        case .rapidCommit:
            try option.expectEnd()
            isRapidCommit = true
        case .userClass:
            while !option.isAtEnd { userClasses.append(try option.counted(octets)) }
        case .maxSolicitTimeout: keep(try option.onlyInteger(octets), in: &maxSolicitTimeoutSeconds)
        // These stand in associations.
        case .address, .prefix: break
        case nil:
            guard option.number == continuityOption else { return }
            keep(try option.onlyInteger(octets), in: &continuityCode)
        }
    }

    private mutating func add(_ association: IdentityAssociation) throws(DHCPv6DecodingError) {
        guard associations.count < Self.maxAssociations else {
            throw .tooMany(option: association.content.optionCode.rawValue)
        }
        associations.append(association)
    }
}

/// Keeps what stands first.
private func keep<Value>(_ value: Value, in place: inout Value?) {
    if place == nil { place = value }
}

extension IdentityAssociation.Content {
    var optionCode: DHCPv6OptionCode {
        switch self {
        case .prefixDelegation: .prefixDelegation
        case .nonTemporaryAddress: .nonTemporaryAddresses
        }
    }

    /// Of the options in an association that name what is assigned.
    var assignmentCode: DHCPv6OptionCode {
        switch self {
        case .prefixDelegation: .prefix
        case .nonTemporaryAddress: .address
        }
    }
}

extension DHCPv6OptionReader {
    fileprivate mutating func identifier(_ octets: Span<UInt8>) throws(DHCPv6DecodingError) -> [UInt8] {
        let identifier = try rest(limit: DHCPv6Message.identifierLengths.upperBound, octets)
        guard DHCPv6Message.identifierLengths.contains(identifier.count) else {
            throw .wrongLength(option: number)
        }
        return identifier
    }

    fileprivate mutating func status(_ octets: Span<UInt8>) throws(DHCPv6DecodingError) -> DHCPv6Status {
        let number: UInt16 = try integer(octets)
        return DHCPv6Status(.init(number: number), text: try rest(limit: .max, octets))
    }

    fileprivate mutating func association(
        _ content: IdentityAssociation.Content, _ octets: Span<UInt8>, _ continuityOption: UInt16?
    ) throws(DHCPv6DecodingError) -> IdentityAssociation {
        var association = IdentityAssociation(
            content, identifier: try integer(octets), renewalSeconds: try integer(octets),
            rebindingSeconds: try integer(octets))
        while var option = try nested(octets) {
            if option.number == content.assignmentCode.rawValue {
                guard association.assignments.count < DHCPv6Message.maxAssignments else {
                    throw .tooMany(option: option.number)
                }
                association.assignments.append(try option.assignment(content, octets, continuityOption))
            } else if option.number == DHCPv6OptionCode.status.rawValue {
                keep(try option.status(octets), in: &association.status)
            }
        }
        return association
    }

    private mutating func assignment(
        _ content: IdentityAssociation.Content, _ octets: Span<UInt8>, _ continuityOption: UInt16?
    ) throws(DHCPv6DecodingError) -> IdentityAssociation.Assignment {
        var assignment =
            switch content {
            case .prefixDelegation: try prefixHeader(octets)
            case .nonTemporaryAddress: try addressHeader(octets)
            }
        while var option = try nested(octets) {
            if option.number == DHCPv6OptionCode.status.rawValue {
                keep(try option.status(octets), in: &assignment.status)
            } else if option.number == continuityOption {
                keep(try option.onlyInteger(octets), in: &assignment.continuityCode)
            }
        }
        return assignment
    }

    private mutating func prefixHeader(
        _ octets: Span<UInt8>
    ) throws(DHCPv6DecodingError) -> IdentityAssociation.Assignment {
        let (preferred, valid): (UInt32, UInt32) = (try integer(octets), try integer(octets))
        let length: UInt8 = try integer(octets)
        guard length <= 128 else { throw .prefixTooLong(bits: length) }
        let prefix = IPv6Prefix(try address(octets), length: length)
        return .init(prefix, preferredSeconds: preferred, validSeconds: valid)
    }

    private mutating func addressHeader(
        _ octets: Span<UInt8>
    ) throws(DHCPv6DecodingError) -> IdentityAssociation.Assignment {
        let prefix = IPv6Prefix(host: try address(octets))
        return .init(prefix, preferredSeconds: try integer(octets), validSeconds: try integer(octets))
    }
}
