/// What it took to grant a request; how long that took differs by orders of magnitude.
enum GrantPath: Int, CaseIterable {
    /// The address was there.
    case hit
    /// The address had to be made, and nobody but the kernel had to say something to that.
    case made
    /// A source, or the routers on a link, had to say something first.
    case network

    /// The value of the label.
    var name: String {
        switch self {
        case .hit: "hit"
        case .made: "made"
        case .network: "network"
        }
    }
}
