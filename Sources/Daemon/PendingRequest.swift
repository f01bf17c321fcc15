import Mobility

/// A request that was not answered at once.
struct PendingRequest {
    var request: AddressRequest
    /// What it waits for.
    var path: GrantPath
    var start: Instant
}
