/// Makes the low bits of addresses.
struct InterfaceIdentifiers {
    /// Kept in the state directory: the same secret gives the same Fixed addresses (RFC 7217).
    let secret: Secret
    /// New at every start, so that other addresses cannot be foretold (RFC 8981).
    let randomKey: Secret
    private var drawn: UInt64 = 0

    init(secret: Secret, randomKey: Secret) {
        self.secret = secret
        self.randomKey = randomKey
    }

    /// F(Prefix, Network_ID, DAD_Counter, secret_key) of RFC 7217, section 5. Net_Iface is left out: a Fixed
    /// address stays the same when its prefix is routed to the host by another interface.
    func stable(in prefix: IPv6Prefix, for owner: AddressOwner?, counter: UInt64) -> UInt64 {
        var hash = SipHash(key: secret)
        hash.absorb(prefix.address.high)
        hash.absorb(prefix.address.low)
        hash.absorb(UInt64(prefix.length))
        switch owner {
        case nil: hash.absorb(0)
        case .user(let user): hash.absorb(1 << 32 | UInt64(user))
        case .socket: hash.absorb(2 << 32)
        }
        hash.absorb(counter)
        return hash.finish()
    }

    /// 64 bits that nobody can foretell.
    mutating func random() -> UInt64 {
        drawn += 1
        var hash = SipHash(key: randomKey)
        hash.absorb(drawn)
        return hash.finish()
    }

    /// Identifiers that RFC 5453 reserves: the subnet-router anycast address and the ranges of the registry.
    static func isReserved(_ identifier: UInt64) -> Bool {
        switch identifier {
        case 0, 0x0200_5eff_fe00_0000...0x0200_5eff_feff_ffff, 0xfdff_ffff_ffff_ff80...0xfdff_ffff_ffff_ffff:
            true
        default: false
        }
    }
}
