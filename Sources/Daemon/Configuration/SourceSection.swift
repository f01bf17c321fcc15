import Mobility

/// `[Source NAME]`, as far as it has been read. What its values mean together is found out by `SourceFinishing`.
struct SourceSection: ConfigurationSection {
    enum Key: String, CaseIterable {
        case kind = "Kind"
        case types = "Types"
        case prefix = "Prefix"
        case interface = "Interface"
        case place = "Place"
        case convey = "Convey"
        case continuityOptionCode = "ContinuityOptionCode"
        case command = "Command"
        case maxAddresses = "MaxAddresses"
    }

    /// `Convey=`.
    enum Convey {
        case userClass, continuityOption, nothing
    }

    static let form = "[Source NAME]"
    static let lists: Set<Key> = [.types, .prefix, .interface]

    /// The kernel slows down with each address: at a million an add takes longer than a request may.
    static let addressLimits = 1...1_000_000

    let name: String
    /// The first header.
    let location: ConfigurationLocation
    private(set) var kind: Source.Kind?
    private(set) var types: Set<ContinuityType> = []
    private(set) var prefixes: [(prefix: IPv6Prefix, origin: ConfigurationAssignment)] = []
    /// Not looked at before the kind is known.
    private(set) var interfaces: [ConfigurationAssignment] = []
    private(set) var place: Source.Place?
    private(set) var convey: Convey?
    private(set) var continuityOptionCode: UInt16?
    private(set) var command: [String] = []
    private(set) var maxAddresses = Self.defaults.maxAddresses
    var origins = SettingOrigins<Key>()

    private static let defaults = Source(name: "", types: [])

    init(name: String, location: ConfigurationLocation) {
        self.name = name
        self.location = location
    }

    func defaultText(_ key: Key) -> String? {
        let isAdvertised = kind == .routerAdvertisement
        return switch key {
        case .types:
            isAdvertised ? BuiltInSource.types.sorted().map(\.description).joined(separator: " ") : nil
        case .interface: isAdvertised ? BuiltInSource.uplinks.map(\.description).joined(separator: " ") : nil
        case .place: "loopback"
        case .convey: "user-class"
        case .maxAddresses: String(Self.defaults.maxAddresses)
        case .kind, .prefix, .continuityOptionCode, .command: nil
        }
    }

    mutating func set(_ key: Key, _ assignment: ConfigurationAssignment) throws(SettingProblem) {
        switch key {
        case .kind: kind = try assignment.choice(Source.Kind.names)
        case .types: types.formUnion(try assignment.continuityTypes())
        case .prefix: prefixes.append((try StaticPrefix.read(assignment.value), assignment))
        case .interface: interfaces.append(assignment)
        case .place:
            place = try assignment.choice(["loopback": .loopback, "interface": .interface, "route": .route])
        case .convey:
            convey = try assignment.choice([
                "user-class": .userClass, "continuity-option": .continuityOption, "none": .nothing,
            ])
        case .continuityOptionCode: continuityOptionCode = try ContinuityOptionCode.read(assignment)
        case .command: command = try CommandWords.read(assignment.value)
        case .maxAddresses: maxAddresses = try assignment.number(in: Self.addressLimits)
        }
    }

    mutating func reset(_ key: Key) {
        switch key {
        case .kind: kind = nil
        case .types: types = []
        case .prefix: prefixes = []
        case .interface: interfaces = []
        case .place: place = nil
        case .convey: convey = nil
        case .continuityOptionCode: continuityOptionCode = nil
        case .command: command = []
        case .maxAddresses: maxAddresses = Self.defaults.maxAddresses
        }
    }
}

extension Source.Kind {
    /// As `Kind=` names them.
    static let names: KeyValuePairs<String, Source.Kind> = [
        "static": .static, "ra": .routerAdvertisement, "dhcpv6": .dhcpv6, "helper": .helper,
    ]

    var configurationName: String { Self.names.first { $0.value == self }?.key ?? "" }

    /// The keys that mean something for the kind.
    var keys: Set<SourceSection.Key> {
        switch self {
        case .static: [.kind, .types, .prefix, .interface, .place, .maxAddresses]
        case .routerAdvertisement: [.kind, .types, .interface, .maxAddresses]
        case .dhcpv6: [.kind, .types, .interface, .place, .convey, .continuityOptionCode, .maxAddresses]
        case .helper: [.kind, .types, .interface, .place, .command, .maxAddresses]
        }
    }
}
