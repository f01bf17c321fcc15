import Kernel
import Mobility

/// Removals of ours that the kernel has not told of yet. The address may be there again by then, so they are counted.
struct ExpectedRemovals {
    private var counts: [IPv6Address: Int] = [:]

    mutating func expect(_ address: IPv6Address) { counts[address, default: 0] += 1 }

    /// None of them will be told.
    mutating func forgetAll() { counts.removeAll() }

    /// Until the kernel has told of a removal of ours, what it tells is about the address before that.
    mutating func isOfFormerLife(_ notice: RouteNotice) -> Bool {
        switch notice {
        case .address(let address): return counts[address.address] != nil
        case .addressGone(let gone):
            // Also if somebody had made it his before it went: then our removal found nothing.
            guard let count = counts[gone.address] else { return false }
            counts[gone.address] = count > 1 ? count - 1 : nil
            return true
        case .link, .linkGone, .defaultRouter, .defaultRouterGone, .ruleGone, .routeGone: return false
        }
    }
}
