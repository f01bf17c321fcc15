import Mobility
import NetworkSide

/// A source with all that its section says, the meaning of its keys found out by its kind.
struct ConfiguredSource {
    var source: Source
    /// Of `Kind=dhcpv6`.
    var conveyance: Conveyance?
    /// Of `Kind=helper`.
    var command: [String]?
}

extension SourceSection {
    /// The source, or nil if something that it needs was refused or is missing; what is missing is reported.
    func finished(_ errors: inout [ConfigurationError]) -> ConfiguredSource? {
        guard let kind else {
            if !refused.contains(.kind) {
                let names = Suggestion.alternatives(Source.Kind.names.map(\.key))
                errors.append(missing("Kind= is missing; write \(names)"))
            }
            requireTypes(&errors)
            return nil
        }
        let count = errors.count
        reportForeignKeys(of: kind, &errors)
        let source = source(kind, &errors)
        let conveyance = kind == .dhcpv6 ? conveyance(&errors) : nil
        if kind == .helper, command.isEmpty, !refused.contains(.command) {
            errors.append(
                missing("Command= is missing; write a program with its whole path and its arguments"))
        }
        guard errors.count == count else { return nil }
        return ConfiguredSource(
            source: source, conveyance: conveyance, command: kind == .helper ? command : nil)
    }

    private func missing(_ problem: String) -> ConfigurationError {
        ConfigurationError(location, "[Source \(name)]", problem)
    }

    private func wrong(_ key: Key, _ problem: String) -> ConfigurationError {
        guard let origin = origins[key] else { return missing(problem) }
        return ConfigurationError(origin.location, origin.text, problem)
    }

    private func requireTypes(_ errors: inout [ConfigurationError]) {
        guard types.isEmpty, !refused.contains(.types) else { return }
        errors.append(
            missing("Types= is missing; write some of \(ContinuityType.names.joined(separator: " "))"))
    }

    /// A key of another kind would be silently without effect.
    private func reportForeignKeys(of kind: Source.Kind, _ errors: inout [ConfigurationError]) {
        for key in Key.allCases where origins[key] != nil && !kind.keys.contains(key) {
            let homes = Source.Kind.names.filter { $0.value.keys.contains(key) }.map { "Kind=\($0.key)" }
            let ours = "Kind=\(kind.configurationName)"
            errors.append(
                wrong(key, "is for \(Suggestion.alternatives(homes)), not for \(ours); leave it out"))
        }
    }

    private func source(_ kind: Source.Kind, _ errors: inout [ConfigurationError]) -> Source {
        var source = Source(
            name: name, kind: kind, types: types, place: place ?? .loopback, maxAddresses: maxAddresses)
        switch kind {
        case .static:
            requireTypes(&errors)
            if prefixes.isEmpty, !refused.contains(.prefix) {
                errors.append(missing("Prefix= is missing; write one, such as Prefix=2001:db8:a::/56"))
            }
            source.prefixes = prefixes.map(\.prefix)
            source.interface = uplink("a static source", &errors)
            requireInterfaceForPlace(&errors)
        case .routerAdvertisement:
            if types.isEmpty { source.types = BuiltInSource.types }
            source.place = .interface
            source.uplinks = origins[.interface] == nil ? BuiltInSource.uplinks : uplinks(&errors)
        case .dhcpv6:
            requireTypes(&errors)
            if origins[.interface] == nil {
                errors.append(
                    missing("Interface= is missing; write the uplinks to ask on, such as wlan0 or en*"))
            }
            source.uplinks = uplinks(&errors)
        case .helper:
            requireTypes(&errors)
            source.interface = uplink("a helper", &errors)
            requireInterfaceForPlace(&errors)
        }
        return source
    }

    private func requireInterfaceForPlace(_ errors: inout [ConfigurationError]) {
        guard place == .interface, origins[.interface] == nil else { return }
        errors.append(
            wrong(.place, "on which interface? Write Interface= as well, such as Interface=wlan0"))
    }

    // MARK: Interface=

    private func uplink(_ who: String, _ errors: inout [ConfigurationError]) -> InterfaceName? {
        guard let text = origins[.interface]?.value else { return nil }
        if text.contains(where: { "*?[".contains($0) }) {
            errors.append(
                wrong(.interface, "\(who) has one interface; write its whole name, such as wlan0"))
        } else if text == "lo" {
            errors.append(
                wrong(
                    .interface, "lo leads nowhere; write the uplink, such as wlan0, or leave Interface= out"))
        } else if let name = InterfaceName(text) {
            return name
        } else {
            let rule = "write 1 to 15 octets without white space, / and :, such as wlan0"
            errors.append(wrong(.interface, "not a name of an interface; \(rule)"))
        }
        return nil
    }

    private func uplinks(_ errors: inout [ConfigurationError]) -> [InterfacePattern] {
        guard let origin = origins[.interface] else { return [] }
        return origin.words.compactMap { word in
            if word == "lo" {
                errors.append(wrong(.interface, "lo leads nowhere; write uplinks, such as wlan0 or en*"))
                return nil
            }
            if let pattern = InterfacePattern(word) { return pattern }
            let rule = "write names such as wlan0, or patterns such as en*, separated by spaces"
            errors.append(
                wrong(.interface, "\(Excerpt.of(String(word))) is no pattern of interface names; \(rule)"))
            return nil
        }
    }

    // MARK: Convey=

    private func conveyance(_ errors: inout [ConfigurationError]) -> Conveyance {
        if convey != .continuityOption, origins[.continuityOptionCode] != nil {
            errors.append(
                wrong(
                    .continuityOptionCode,
                    "has no effect; write Convey=continuity-option as well, or leave it out"))
        }
        switch convey ?? .userClass {
        case .userClass: return .userClass
        case .nothing: return .none
        case .continuityOption:
            if let code = continuityOptionCode { return .continuityOption(code: code) }
            if !refused.contains(.continuityOptionCode) {
                let remedy = "write the number that the server expects as ContinuityOptionCode="
                errors.append(wrong(.convey, "the option has no number of its own; \(remedy)"))
            }
            return .none
        }
    }
}

extension Source.Kind {
    /// The keys that mean something for the kind.
    fileprivate var keys: Set<SourceSection.Key> {
        switch self {
        case .static: [.kind, .types, .prefix, .interface, .place, .maxAddresses]
        case .routerAdvertisement: [.kind, .types, .interface, .maxAddresses]
        case .dhcpv6: [.kind, .types, .interface, .place, .convey, .continuityOptionCode, .maxAddresses]
        case .helper: [.kind, .types, .interface, .place, .command, .maxAddresses]
        }
    }
}
