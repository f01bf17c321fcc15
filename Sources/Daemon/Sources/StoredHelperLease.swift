import Mobility
import Posix

// Between the daemon's clock, which stops with the machine, and the file's.

extension StoredLease.Helper {
    init(_ lease: HelperLease, at now: Instant) {
        let left = lease.validUntil.map { $0.since(now).components.seconds * 1000 }
        self.init(
            identifier: lease.identifier, token: lease.token,
            validUntil: left.map { WallClock.milliseconds + $0 })
    }

    /// Characters of an identifier; ours have about 20.
    private static let longestIdentifier = 64

    /// It can be told to a program, which may have given it.
    var makesSense: Bool {
        let isIdentifier =
            (1...Self.longestIdentifier).contains(identifier.utf8.count)
            && identifier.utf8.allSatisfy { (0x21..<0x7f).contains($0) }
        return isIdentifier && token.map(HelperGrant.isToken) ?? true
            && StoredLease.moments.contains(validUntil ?? 0)
    }

    /// Nil if it makes no sense, or its time is over.
    func lease(_ lease: LeasedPrefix, at now: Instant) -> HelperLease? {
        guard makesSense else { return nil }
        let left = validUntil.map { ($0 - WallClock.milliseconds) / 1000 }
        if let left, left <= 0 { return nil }
        return HelperLease(
            lease, identifier: identifier, token: token, validUntil: left.map { now + .seconds($0) })
    }
}
