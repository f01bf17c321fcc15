/// One address of ours and where it is in its life.
struct AddressRecord {
    let address: IPv6Address
    let type: ContinuityType
    /// Where it is configured; nil for an address that is only routed here.
    var interfaceIndex: UInt32?
    /// Whom it is reserved for; nil if the type's sockets share it.
    var owner: AddressOwner?
    /// Place of the pool that it was cut from; nil if no pool has it any more.
    var pool: Int?
    var state: AddressState
    /// Sockets that keep it.
    var references = 0
    /// The administrator keeps it.
    var isHeld = false
    /// It is there for everybody before anybody asks (`Acquire=boot`).
    var isInitial = false
    /// The kernel has been told to prefer it (`DefaultType=`).
    var isPreferred = false
    /// When it was made, or taken over from an earlier run.
    var madeAt = Instant(microseconds: 0)
    /// When it is too old for new sockets; nil for never.
    var freshUntil: Instant?
    /// It has been used enough: new sockets get another.
    var isSpent = false
    /// What sockets have carried that are gone.
    var octetsEnded: UInt64 = 0
    /// It is not ours: the kernel made it, or whoever manages the interface, and it stays when we are done with it.
    var isOthers = false
    /// It was released: nobody new gets it, and it does not linger.
    var isLeaving = false
    /// It comes to its end; nil if it does not.
    var farewell: Farewell?
    /// Those who have it have it in vain: it was given up, or a neighbour has it.
    var isLost = false
    /// It has to itself a prefix that a request with ON_NET got.
    var isOnNet = false
    /// The record of the administrator's keeping it.
    var holdRecord: SocketRecord.Number?
    /// Somebody took it away: the kernel does not have it, or not as ours.
    var isMissing = false
    /// It is being put back, and the kernel has not answered.
    var isRestoring = false
    /// When it is to be put back; an entry of the agenda for another time is out of date.
    var restoringDue: Instant?
    /// Duplicate address detection has begun again: it cannot be bound until that ends.
    var isTentative = false
    /// The kernel has it, as far as its list has been read.
    var isListed = false
    /// The kernel is being asked whether a socket still uses it.
    var isBeingChecked = false
    /// The kernel's answer so far: what uses it without being counted does so until then, at least.
    var usedUntil: Instant?
    /// Identifiers that were tried and that a neighbour has.
    var duplicates = 0
    /// When it has lingered long enough; nil if it does not linger, or for ever.
    var lingerEnd: Instant?
    /// When the agenda will look at it; nil if it has no entry there.
    var agendaEntry: Instant?

    var isUsed: Bool { references > 0 || isHeld || isInitial }

    /// Something that is not counted uses the address, for so long at least.
    mutating func use(until end: Instant) { usedUntil = max(end, usedUntil ?? end) }

    /// A new socket may have it, at once or when it is configured.
    var isOffered: Bool { state != .removing && !isLeaving && !isSpent }

    /// It can be bound.
    var isReady: Bool { (state == .active || state == .lingering) && !isMissing && !isTentative }

    var grant: Grant { Grant(address: address, type: type, needsFreeBind: interfaceIndex == nil) }
}

/// Addresses of ours, each at a place that stays its own while it is there.
struct AddressTable {
    /// What is left of an address at a place that is not occupied means nothing.
    private var records: [AddressRecord] = []
    private var occupied: [Bool] = []
    private var freeSlots: [Int] = []
    private var slots = FlatMap<IPv6Address, Int>()

    var count: Int { slots.count }
    /// Places that may hold an address.
    var indices: Range<Int> { records.indices }

    /// - Precondition: there is an address at the place.
    subscript(slot: Int) -> AddressRecord {
        // A record is too large to be copied for each look at it.
        _read {
            precondition(occupied[slot], "no address at this place")
            yield records[slot]
        }
        _modify {
            precondition(occupied[slot], "no address at this place")
            yield &records[slot]
        }
    }

    func isOccupied(_ slot: Int) -> Bool { records.indices.contains(slot) && occupied[slot] }

    func slot(of address: IPv6Address) -> Int? { slots[address] }

    /// Adds an address and returns its place.
    mutating func insert(_ record: AddressRecord) -> Int {
        precondition(slots[record.address] == nil, "an address is there once")
        let slot = freeSlots.popLast() ?? records.count
        if slot == records.count {
            records.append(record)
            occupied.append(true)
        } else {
            records[slot] = record
            occupied[slot] = true
        }
        slots[record.address] = slot
        return slot
    }

    mutating func remove(at slot: Int) -> AddressRecord {
        let record = self[slot]
        slots[record.address] = nil
        occupied[slot] = false
        freeSlots.append(slot)
        return record
    }

    /// The first place whose address satisfies the condition.
    func firstSlot(where condition: (AddressRecord) -> Bool) -> Int? {
        records.indices.first { occupied[$0] && condition(records[$0]) }
    }

    /// Every address with its place.
    func visit(_ body: (Int, AddressRecord) -> Void) {
        for slot in records.indices where occupied[slot] { body(slot, records[slot]) }
    }
}
