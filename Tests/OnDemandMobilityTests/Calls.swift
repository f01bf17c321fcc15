import OnDemandMobility
import Testing

/// The same calls, those that keep their thread waiting and those that do not.
enum Calls: CaseIterable, Sendable {
    case waiting, async

    func setsc(
        _ client: MobilityClient, _ socket: Int32, _ type: ContinuityType = .sessionLasting,
        flags: RequestFlags = [], within duration: Duration? = nil
    ) async throws(MobilityError) -> IPv6Address {
        switch self {
        case .waiting: try waitingSetsc(client, socket, type, flags, duration)
        case .async: try await client.setsc(socket, type, flags: flags, within: duration)
        }
    }

    func getsc(
        _ client: MobilityClient, _ socket: Int32, within duration: Duration? = nil
    ) async throws(MobilityError) -> SourceAddress {
        switch self {
        case .waiting: try waitingGetsc(client, socket, duration)
        case .async: try await client.getsc(socket, within: duration)
        }
    }

    func watch(
        _ client: MobilityClient, _ socket: Int32, within duration: Duration? = nil
    ) async throws(MobilityError) -> AddressWatch {
        switch self {
        case .waiting: try waitingWatch(client, socket, duration)
        case .async: try await client.watch(socket, within: duration)
        }
    }

    func nextEvent(
        of watch: AddressWatch, within duration: Duration? = .seconds(5)
    ) async throws(MobilityError) -> AddressEvent? {
        switch self {
        case .waiting: try waitingNextEvent(of: watch, duration)
        case .async: try await watch.nextEvent(within: duration)
        }
    }
}

// In a function that is not async, the call that waits is meant.

private func waitingSetsc(
    _ client: MobilityClient, _ socket: Int32, _ type: ContinuityType, _ flags: RequestFlags,
    _ duration: Duration?
) throws(MobilityError) -> IPv6Address {
    try client.setsc(socket, type, flags: flags, within: duration)
}

private func waitingGetsc(
    _ client: MobilityClient, _ socket: Int32, _ duration: Duration?
) throws(MobilityError) -> SourceAddress {
    try client.getsc(socket, within: duration)
}

private func waitingWatch(
    _ client: MobilityClient, _ socket: Int32, _ duration: Duration?
) throws(MobilityError) -> AddressWatch {
    try client.watch(socket, within: duration)
}

private func waitingNextEvent(
    of watch: AddressWatch, _ duration: Duration?
) throws(MobilityError) -> AddressEvent? {
    try watch.nextEvent(within: duration)
}

/// What a call throws; nil if nothing.
func refusal<Result>(_ call: () async throws(MobilityError) -> Result) async -> MobilityError? {
    do {
        _ = try await call()
        return nil
    } catch {
        return error
    }
}

/// Waits until something is so, five seconds at most.
func becomes(_ condition: () -> Bool) async -> Bool {
    for _ in 0..<1000 {
        if condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return condition()
}
