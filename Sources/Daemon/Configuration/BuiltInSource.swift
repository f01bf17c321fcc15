import Mobility

/// What there is where no source is configured: what routers advertise, so that odmd is of use on any IPv6 network.
enum BuiltInSource {
    static let types: Set<ContinuityType> = [.nonPersistent, .gracefulReplacement]
    static let uplinks: [InterfacePattern] = ["*"]

    static let source = Source(
        name: "ra", kind: .routerAdvertisement, types: types, uplinks: uplinks, place: .interface)

    static var settings: [Setting] {
        [
            ("Kind", source.kind.configurationName),
            ("Types", types.sorted().map(\.description).joined(separator: " ")),
            ("Interface", uplinks.map(\.description).joined(separator: " ")),
            ("MaxAddresses", "\(source.maxAddresses)"),
        ].map { Setting(section: "Source \(source.name)", key: $0.0, value: $0.1, location: nil) }
    }
}
