// How much a user has, and whether he may have more (`MaxAddresses=` and `MaxSockets=` of `[Rule …]`).

/// What each user has. Kept only while a rule sets a quota: it costs every request and every death of a socket.
struct UsageBooks {
    private struct UserAndSlot: Hashable {
        var user: UInt32
        var slot: UInt32
    }

    private struct Holding {
        var sockets = 0
        var addresses = 0
    }

    private var holdings: [UserAndType: Holding] = [:]
    /// How many sockets of a user keep the address at a place.
    private var keepers: [UserAndSlot: Int] = [:]

    /// A socket of the user keeps an address.
    mutating func enter(_ user: UInt32, _ type: ContinuityType, slot: UInt32) {
        let holder = UserAndType(user: user, type: type)
        holdings[holder, default: Holding()].sockets += 1
        let count = keepers[UserAndSlot(user: user, slot: slot), default: 0]
        keepers[UserAndSlot(user: user, slot: slot)] = count + 1
        if count == 0 { holdings[holder]?.addresses += 1 }
    }

    /// It does not any more.
    mutating func leave(_ user: UInt32, _ type: ContinuityType, slot: UInt32) {
        let holder = UserAndType(user: user, type: type)
        let keeper = UserAndSlot(user: user, slot: slot)
        guard var holding = holdings[holder], let count = keepers[keeper] else {
            preconditionFailure("whoever leaves has entered")
        }
        holding.sockets -= 1
        if count == 1 { holding.addresses -= 1 }
        keepers[keeper] = count == 1 ? nil : count - 1
        holdings[holder] = holding.sockets == 0 ? nil : holding
    }

    func sockets(of user: UInt32, _ types: Set<ContinuityType>) -> Int {
        types.reduce(0) { $0 + (holdings[UserAndType(user: user, type: $1)]?.sockets ?? 0) }
    }

    func addresses(of user: UInt32, _ types: Set<ContinuityType>) -> Int {
        types.reduce(0) { $0 + (holdings[UserAndType(user: user, type: $1)]?.addresses ?? 0) }
    }

    func keeps(_ user: UInt32, slot: Int) -> Bool {
        keepers[UserAndSlot(user: user, slot: UInt32(slot))] != nil
    }
}

extension Rules {
    /// Requests of one user that wait for an answer of the network. Each holds memory, and most of them a question; who
    /// asks for more has a fault, or means harm.
    public static let networkRequestsPerUser = 64

    /// Why policy does not let whoever asks have what he asks for; nil if it does.
    ///
    /// - Parameter slot: of the address that he would get; nil if one would have to be made.
    func objection(to request: AddressRequest, giving slot: Int?) -> Refusal? {
        if configuration.policy.isOpen(request.type) { return nil }
        guard let requester = request.requester else { return nil }
        let place = configuration.policy.decidingRule(
            for: request.type, user: requester.user, request.standing)
        let rule = configuration.policy.rules[place]
        if rule.action == .deny { return .denied(rule: place) }
        guard rule.hasQuota, let usage else { return nil }
        if let slot, keeps(requester.cookie, slot) { return nil }
        let isWithin =
            isWithin(
                rule.maxSockets,
                usage.sockets(of: requester.user, rule.types) + waiting(like: requester, rule))
            && isWithin(
                rule.maxAddresses,
                usage.addresses(of: requester.user, rule.types) + coming(to: requester, rule, usage),
                adding: needsAddress(request, requester, slot, usage))
        return isWithin ? nil : .overQuota(rule: place)
    }

    private func isWithin(_ most: Int?, _ count: Int, adding isMore: Bool = true) -> Bool {
        most.map { !isMore || count < $0 } ?? true
    }

    /// Requests of the user that will each be a socket more.
    private func waiting(like requester: Requester, _ rule: PolicyRule) -> Int {
        waiting.count { $0.request.requester?.user == requester.user && rule.types.contains($0.request.type) }
    }

    /// Addresses that the user does not have and that his waiting requests will get him.
    private func coming(
        to requester: Requester, _ rule: PolicyRule, _ usage: UsageBooks
    ) -> Int {
        var shared: Set<ContinuityType> = []
        var count = 0
        for other in waiting where other.request.requester?.user == requester.user {
            guard rule.types.contains(other.request.type) else { continue }
            if let slot = other.slot, usage.keeps(requester.user, slot: slot) { continue }
            if !isForOneSocket(other.request) {
                guard shared.insert(other.request.type).inserted else { continue }
            }
            count += 1
        }
        return count
    }

    /// Whether the user has an address more when the request is granted.
    private func needsAddress(
        _ request: AddressRequest, _ requester: Requester, _ slot: Int?, _ usage: UsageBooks
    ) -> Bool {
        if let slot, usage.keeps(requester.user, slot: slot) { return false }
        if isForOneSocket(request) { return true }
        // Else he gets the one that another of his requests waits for.
        return !waiting.contains {
            $0.request.requester?.user == requester.user && $0.request.type == request.type
                && !isForOneSocket($0.request)
        }
    }

    private func isForOneSocket(_ request: AddressRequest) -> Bool {
        request.onNet || !owner(for: request).isShared
    }

    /// The user has as many requests at the network as one may have.
    func hasTooManyAtTheNetwork(_ request: AddressRequest) -> Bool {
        guard let user = request.requester?.user, waiting.count >= Self.networkRequestsPerUser else {
            return false
        }
        let count = waiting.count { $0.question != nil && $0.request.requester?.user == user }
        return count >= Self.networkRequestsPerUser
    }

    // MARK: Books

    /// Begins or ends the books, as the policy needs them.
    mutating func openBooks() {
        guard configuration.policy.hasQuotas else {
            usage = nil
            return
        }
        guard usage == nil else { return }
        var books = UsageBooks()
        sockets.visit { entry in
            books.enter(entry.user, addresses[Int(entry.slot)].type, slot: entry.slot)
        }
        usage = books
    }

    mutating func insert(_ entry: SocketTable.Entry) {
        sockets.insert(entry)
        usage?.enter(entry.user, addresses[Int(entry.slot)].type, slot: entry.slot)
    }
}
