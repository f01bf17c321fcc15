import Mobility

/// What there is where no source is configured: what routers advertise, so that odmd is of use on any IPv6 network.
enum BuiltInSource {
    static let types: Set<ContinuityType> = [.nonPersistent, .gracefulReplacement]
    static let uplinks: [InterfacePattern] = ["*"]

    static let source = Source(
        name: "ra", kind: .routerAdvertisement, types: types, uplinks: uplinks, place: .interface)
}
