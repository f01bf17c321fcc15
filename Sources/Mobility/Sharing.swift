// Which address the next socket of a type gets (`Share=`): the oldest that may be shared.

extension Rules {
    /// Lets later sockets share an address, if it may be shared and they have none yet.
    mutating func offer(_ slot: Int) {
        let record = addresses[slot]
        guard record.isOffered, sharedSlot(record.type, record.owner) == nil else { return }
        setSharedSlot(slot, record.type, record.owner)
    }

    /// Offers an address in another's stead, if that was offered.
    mutating func offer(_ replacement: Int, insteadOf slot: Int) {
        let record = addresses[slot]
        guard sharedSlot(record.type, record.owner) == slot else { return }
        setSharedSlot(replacement, record.type, record.owner)
    }

    /// Lets no later socket share an address; the next best takes its place.
    mutating func withdraw(_ slot: Int) {
        let record = addresses[slot]
        guard sharedSlot(record.type, record.owner) == slot else { return }
        let next = addresses.firstSlot { other in
            other.type == record.type && other.owner == record.owner && other.address != record.address
                && other.isOffered && isStillGiven(other) && !isByDetour(other)
        }
        setSharedSlot(next, record.type, record.owner)
    }

    /// The address that is offered to an owner, or to everybody.
    func sharedSlot(_ type: ContinuityType, _ owner: AddressOwner?) -> Int? {
        switch owner {
        case nil: sharedByHost[type]
        case .user(let user): sharedByUser[UserAndType(user: user, type: type)]
        case .socket: nil
        }
    }

    private mutating func setSharedSlot(_ slot: Int?, _ type: ContinuityType, _ owner: AddressOwner?) {
        switch owner {
        case nil: sharedByHost[type] = slot
        case .user(let user): sharedByUser[UserAndType(user: user, type: type)] = slot
        case .socket: break
        }
    }
}
