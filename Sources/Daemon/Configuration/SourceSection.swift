import Mobility

/// `[Source NAME]`.
struct SourceSection: ConfigurationSection {
    enum Key: String, CaseIterable {
        case kind = "Kind"
        case types = "Types"
        case prefix = "Prefix"
        case interface = "Interface"
        case place = "Place"
        case maxAddresses = "MaxAddresses"
    }

    enum Kind {
        case `static`
    }

    static let form = "[Source NAME]"

    /// The kernel slows down with each address: at a million an add takes longer than a request may.
    static let addressLimits = 1...1_000_000

    let name: String
    /// The first header.
    let location: ConfigurationLocation
    private(set) var kind: Kind?
    private(set) var types: Set<ContinuityType> = []
    private(set) var prefixes: [(prefix: IPv6Prefix, origin: ConfigurationAssignment)] = []
    private(set) var interface: InterfaceName?
    private(set) var place: (place: Source.Place, origin: ConfigurationAssignment)?
    private(set) var maxAddresses = Self.defaults.maxAddresses
    /// Keys whose last value was refused, and reported: that they have none is no error of its own.
    private(set) var refused: Set<Key> = []

    private static let defaults = Source(name: "", types: [], prefixes: [])

    init(name: String, location: ConfigurationLocation) {
        self.name = name
        self.location = location
    }

    mutating func assign(_ assignment: ConfigurationAssignment, to key: Key) throws(SettingProblem) {
        if assignment.value.isEmpty {
            reset(key)
            refused.remove(key)
            return
        }
        do {
            try set(key, assignment)
        } catch {
            refused.insert(key)
            throw error
        }
    }

    private mutating func set(_ key: Key, _ assignment: ConfigurationAssignment) throws(SettingProblem) {
        switch key {
        case .kind: kind = try assignment.choice(["static": .static])
        case .types: types.formUnion(try assignment.continuityTypes())
        case .prefix: prefixes.append((try StaticPrefix.read(assignment.value), assignment))
        case .interface: interface = try Self.uplink(assignment.value)
        case .place:
            let places: KeyValuePairs<String, Source.Place> = [
                "loopback": .loopback, "interface": .interface, "route": .route,
            ]
            place = (try assignment.choice(places), assignment)
        case .maxAddresses: maxAddresses = try assignment.number(in: Self.addressLimits)
        }
    }

    private mutating func reset(_ key: Key) {
        switch key {
        case .kind: kind = nil
        case .types: types = []
        case .prefix: prefixes = []
        case .interface: interface = nil
        case .place: place = nil
        case .maxAddresses: maxAddresses = Self.defaults.maxAddresses
        }
    }

    private static func uplink(_ text: String) throws(SettingProblem) -> InterfaceName {
        if text.contains(where: { "*?[".contains($0) }) {
            throw SettingProblem("a static source has one interface; write its whole name, such as wlan0")
        }
        if text == "lo" {
            throw SettingProblem("lo leads nowhere; write the uplink, such as wlan0, or leave Interface= out")
        }
        guard let name = InterfaceName(text) else {
            throw SettingProblem(
                "not a name of an interface; write 1 to 15 octets without white space, / and :, such as wlan0"
            )
        }
        return name
    }
}

extension SourceSection {
    /// The source, or nil if something that it needs was refused or is missing; what is missing is reported.
    func finished(_ errors: inout [ConfigurationError]) -> Source? {
        var missing: [String] = []
        if kind == nil, !refused.contains(.kind) { missing.append("Kind= is missing; write Kind=static") }
        if types.isEmpty, !refused.contains(.types) {
            missing.append("Types= is missing; write some of \(ContinuityType.names.joined(separator: " "))")
        }
        if prefixes.isEmpty, !refused.contains(.prefix) {
            missing.append("Prefix= is missing; write one, such as Prefix=2001:db8:a::/56")
        }
        errors += missing.map { ConfigurationError(location, "[Source \(name)]", $0) }
        if let place, place.place == .interface, interface == nil, !refused.contains(.interface) {
            errors.append(
                ConfigurationError(
                    place.origin.location, place.origin.text,
                    "on which interface? Write Interface= as well, such as Interface=wlan0"))
        }
        guard kind != nil else { return nil }
        return Source(
            name: name, types: types, prefixes: prefixes.map(\.prefix), interface: interface,
            place: place?.place ?? Self.defaults.place, maxAddresses: maxAddresses)
    }
}
