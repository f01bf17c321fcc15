import Mobility
import NetworkSide

/// Makes a source of a section that has been read to its end: only then it is known which kind it is, and so what
/// its keys mean.
struct SourceFinishing {
    private let section: SourceSection
    /// What is missing, has no effect, or does not go together.
    private(set) var errors: [ConfigurationError] = []

    init(_ section: SourceSection) { self.section = section }

    /// The source, or nil if there are errors.
    mutating func finish() -> ConfiguredSource? {
        guard let kind = section.kind else {
            // What else is needed depends on it.
            require(.kind, "write \(Suggestion.alternatives(Source.Kind.names.map(\.key)))")
            return nil
        }
        refuseKeysOfOtherKinds(than: kind)
        let configured = configured(as: kind)
        return errors.isEmpty ? configured : nil
    }

    private mutating func configured(as kind: Source.Kind) -> ConfiguredSource {
        var configured = ConfiguredSource(
            source: Source(
                name: section.name, kind: kind, types: section.types, place: section.place ?? .loopback,
                maxAddresses: section.maxAddresses))
        switch kind {
        case .static: finishStatic(&configured.source)
        case .routerAdvertisement: finishAdvertised(&configured.source)
        case .dhcpv6: finishDHCPv6(&configured)
        case .helper: finishHelper(&configured)
        }
        return configured
    }
}

// MARK: Each kind

extension SourceFinishing {
    private mutating func finishStatic(_ source: inout Source) {
        requireTypes()
        require(.prefix, "write one, such as Prefix=2001:db8:a::/56")
        source.prefixes = section.prefixes.map(\.prefix)
        let names = uplinksInOrder(of: "a static source")
        source.interface = names.first
        source.alternatives = Array(names.dropFirst())
        requireInterfaceForPlace()
        if section.place == .interface, names.count > 1 {
            refuse(.interface, "addresses stand on one interface; write one, or leave Place=interface out")
        }
    }

    private mutating func finishAdvertised(_ source: inout Source) {
        if section.origins[.types].isEmpty { source.types = BuiltInSource.types }
        source.uplinks = section.interfaces.isEmpty ? BuiltInSource.uplinks : uplinks()
        // Routers advertise prefixes to everybody on the link.
        source.place = .interface
    }

    private mutating func finishDHCPv6(_ configured: inout ConfiguredSource) {
        requireTypes()
        require(.interface, "write where servers are asked, such as Interface=wlan0 or Interface=en*")
        configured.source.uplinks = uplinks()
        configured.conveyance = conveyance()
    }

    private mutating func finishHelper(_ configured: inout ConfiguredSource) {
        requireTypes()
        require(.command, "write a program with its whole path, and its arguments")
        configured.source.interface = uplink(of: "a helper")
        requireInterfaceForPlace()
        configured.command = section.command
    }

    private mutating func conveyance() -> Conveyance {
        switch section.convey {
        case .continuityOption: return continuityOption()
        case .userClass: refuseContinuityOptionCode()
        case .nothing:
            refuseContinuityOptionCode()
            return .none
        case nil:
            // Unless it was refused: then nobody knows what it was to be.
            if section.origins[.convey].isEmpty { refuseContinuityOptionCode() }
        }
        return .userClass
    }

    private mutating func continuityOption() -> Conveyance {
        if section.origins[.continuityOptionCode].isEmpty {
            let remedy = "write the one that the server expects as ContinuityOptionCode="
            refuse(.convey, "the option has no number of its own; \(remedy)")
        }
        return section.continuityOptionCode.map { .continuityOption(code: $0) } ?? .none
    }

    private mutating func refuseContinuityOptionCode() {
        refuse(
            .continuityOptionCode, "has no effect; write Convey=continuity-option as well, or leave it out")
    }
}

// MARK: Interface=

extension SourceFinishing {
    /// The one uplink of a kind that can have no more; the last that was written counts.
    private mutating func uplink(of owner: String) -> InterfaceName? {
        interfaces { assignment throws(SettingProblem) in
            [try UplinkSetting.name(assignment.value, of: owner)]
        }.last
    }

    /// Those that were written, in their order.
    private mutating func uplinksInOrder(of owner: String) -> [InterfaceName] {
        interfaces { assignment throws(SettingProblem) in try UplinkSetting.names(assignment, of: owner) }
    }

    /// All that were written.
    private mutating func uplinks() -> [InterfacePattern] { interfaces(UplinkSetting.patterns) }

    /// What `read` makes of each assignment; what it does not like is refused.
    private mutating func interfaces<Interface>(
        _ read: (ConfigurationAssignment) throws(SettingProblem) -> [Interface]
    ) -> [Interface] {
        var found: [Interface] = []
        for assignment in section.interfaces {
            do {
                found += try read(assignment)
            } catch {
                refuse(assignment, error.text)
            }
        }
        return found
    }

    private mutating func requireInterfaceForPlace() {
        guard section.place == .interface, section.interfaces.isEmpty else { return }
        refuse(.place, "on which interface? Write Interface= as well, such as Interface=wlan0")
    }
}

// MARK: Errors

extension SourceFinishing {
    /// A value that was refused is not missing: its error is known.
    private mutating func require(_ key: SourceSection.Key, _ remedy: String) {
        guard section.origins[key].isEmpty else { return }
        errors.append(
            ConfigurationError(
                section.location, "[Source \(section.name)]", "\(key.rawValue)= is missing; \(remedy)"))
    }

    private mutating func requireTypes() {
        require(.types, "write some of \(ContinuityType.names.joined(separator: " "))")
    }

    /// They would be silently without effect.
    private mutating func refuseKeysOfOtherKinds(than kind: Source.Kind) {
        for key in SourceSection.Key.allCases where !kind.keys.contains(key) {
            let homes = Source.Kind.names.filter { $0.value.keys.contains(key) }.map { "Kind=\($0.key)" }
            let owners = Suggestion.alternatives(homes)
            refuse(key, "is a key of \(owners), not of Kind=\(kind.configurationName); leave it out")
        }
    }

    /// Refuses what a key was assigned last, if it was.
    private mutating func refuse(_ key: SourceSection.Key, _ problem: String) {
        if let assignment = section.origins.last(key) { refuse(assignment, problem) }
    }

    private mutating func refuse(_ assignment: ConfigurationAssignment, _ problem: String) {
        errors.append(ConfigurationError(assignment.location, assignment.text, problem))
    }
}
