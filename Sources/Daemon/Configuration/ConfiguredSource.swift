import Mobility
import NetworkSide

/// A source with all that its section says.
struct ConfiguredSource {
    var source: Source
    /// Of `Kind=dhcpv6`.
    var conveyance: Conveyance?
    /// Of `Kind=helper`.
    var command: [String]?
}
