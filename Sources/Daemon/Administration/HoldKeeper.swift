import Mobility

/// Acquires addresses for administrators, and gives a hold back if the one who asked cannot be told of it.
final class HoldKeeper {
    private unowned let delegate: any AdministrationDelegate
    /// Requests without an answer yet.
    private var waiting = 0
    /// Grants so far; also numbers them.
    private var granted = 0

    init(delegate: any AdministrationDelegate) {
        self.delegate = delegate
    }

    func acquire(_ type: ContinuityType, onNet: Bool, _ answer: @escaping (VarlinkReply) -> Void) {
        let heldBefore = Set(delegate.addressSummaries().lazy.filter(\.isHeld).map(\.address))
        waiting += 1
        delegate.acquire(type, onNet: onNet) { outcome in
            self.waiting -= 1
            answer(self.reply(to: outcome, heldBefore))
        }
    }

    private func reply(to outcome: Answer, _ heldBefore: Set<IPv6Address>) -> VarlinkReply {
        switch outcome {
        case .refused(let refusal): return VarlinkReply(error: .requestRefused(refusal))
        case .granted(let grant):
            granted += 1
            let number = granted
            var reply = VarlinkReply(
                Acquired(address: grant.address.description, needsFreeBind: grant.needsFreeBind))
            reply.ifUndelivered = { self.giveBack(grant.address, number, heldBefore) }
            return reply
        }
    }

    /// An address has one hold, however many asked for it. If it was held before, or somebody else was
    /// given one since or waits for one, it may be the same, and the hold is not ours to end. In doubt it
    /// stays, and the list of addresses shows it.
    private func giveBack(_ address: IPv6Address, _ number: Int, _ heldBefore: Set<IPv6Address>) {
        guard !heldBefore.contains(address), number == granted, waiting == 0 else { return }
        _ = delegate.release(address)
    }

    private struct Acquired: Encodable {
        var address: String
        var needsFreeBind: Bool

        enum CodingKeys: String, CodingKey {
            case address
            case needsFreeBind = "needs_free_bind"
        }
    }
}
