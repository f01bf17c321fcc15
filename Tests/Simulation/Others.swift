import Mobility

// The kernel in its own time, and others who change what is ours, on purpose or not.

extension History {
    private static let routerCount = 3

    mutating func othersStep() {
        switch dice.roll(14) {
        case 0, 1: deleteAddress()
        case 2: overwriteAddress()
        case 3: addElsewhere()
        case 4: deleteRouting()
        case 5, 6, 7: changeLink()
        case 8: dice.once(in: 3) ? touchAddress() : detectAgain()
        case 9, 10: changeRouters()
        default: fight()
        }
    }

    // MARK: Duplicate Address Detection

    /// Lets detections end, well or not.
    mutating func detectDuplicates() {
        for place in kernel.addresses.indices where kernel.addresses[place].detection == .running {
            guard kernel.canDetect(kernel.addresses[place]), isPeaceful || dice.once(in: 2) else { continue }
            let isDuplicate = !isPeaceful && dice.once(in: 5)
            kernel.addresses[place].detection = isDuplicate ? .failed : .passed
            if isDuplicate { tally.count(.duplicates) }
            if kernel.addresses[place].type != nil { kernel.tell(kernel.addresses[place].notice) }
        }
    }

    /// The carrier came back.
    private mutating func detectAgain() {
        note("detection starts again")
        if kernel.links.count > 1 { kernel.tellLink(1) }
        for place in kernel.addresses.indices
        where kernel.addresses[place].interfaceIndex != FakeKernel.loopbackIndex
            && kernel.addresses[place].detection == .passed
        {
            tally.count(.detectionsAgain)
            kernel.addresses[place].detection = .running
            if kernel.addresses[place].type != nil { kernel.tell(kernel.addresses[place].notice) }
        }
    }

    // MARK: Addresses and routing of ours

    /// Somebody who does not want an address to be there, again and again.
    private mutating func fight() {
        guard dice.once(in: 6) else { return }
        if dice.once(in: 3) {
            fightOverRouting()
            return
        }
        guard let place = anyOwnPlace() else { return }
        let address = kernel.addresses[place].address
        for _ in 0..<6 where breach == nil {
            guard let place = kernel.addresses.firstIndex(where: { $0.address == address && $0.type != nil })
            else { return }
            delete(place)
            readNotices()
            passTime()
        }
    }

    /// Bursts, as of somebody who flushes a table until it is empty, and links that come and go meanwhile.
    private mutating func fightOverRouting() {
        guard let piece = dice.pick(kernel.routing) else { return }
        for _ in 0..<10 where breach == nil {
            if kernel.routing.contains(piece) {
                note("somebody deletes \(piece)")
                tally.count(.routingDeletedByOthers)
                _ = kernel.remove(piece, isByOthers: true)
            }
            if dice.once(in: 6) { changeLink() }
            readNotices()
            if dice.once(in: 3) { passTime() }
        }
    }

    private mutating func anyOwnPlace() -> Int? {
        guard !kernel.addresses.isEmpty else { return nil }
        let place = dice.roll(kernel.addresses.count)
        return kernel.addresses[place].type == nil ? nil : place
    }

    private mutating func deleteAddress() {
        if let place = anyOwnPlace() { delete(place) }
    }

    private mutating func delete(_ place: Int) {
        let deleted = kernel.addresses.swapOut(place)
        note("somebody deletes \(deleted.address)")
        tally.count(.deletedByOthers)
        noteFight(over: deleted)
        kernel.tell(.addressLost(deleted.address))
    }

    /// What goes while the interface is down may have gone with that, for all that the daemon can know.
    private mutating func noteFight(over address: FakeKernel.Address) {
        if kernel.link(address.interfaceIndex)?.isUp == true, !kernel.hasNewsOfLinks {
            fought.append((address.address, nil))
        }
    }

    private mutating func overwriteAddress() {
        guard let place = anyOwnPlace() else { return }
        let address = kernel.addresses[place]
        note("somebody overwrites \(address.address)")
        tally.count(.overwrittenByOthers)
        noteFight(over: address)
        kernel.addresses[place].type = nil
        kernel.tell(.addressOverwritten(address.address, interfaceIndex: address.interfaceIndex))
    }

    /// Somebody changes lifetimes, and keeps the mark.
    private mutating func touchAddress() {
        if let place = anyOwnPlace() { kernel.tell(kernel.addresses[place].notice) }
    }

    /// The same address on another interface is none of our business.
    private mutating func addElsewhere() {
        guard let place = anyOwnPlace() else { return }
        let address = kernel.addresses[place].address
        guard let link = dice.pick(kernel.links), kernel.place(of: address, on: link.index) == nil else {
            return
        }
        note("somebody adds \(address) to interface \(link.index)")
        tally.count(.addedElsewhere)
        kernel.addresses.append(
            FakeKernel.Address(
                address: address, interfaceIndex: link.index, type: nil, detection: .passed))
        kernel.tell(.addressOverwritten(address, interfaceIndex: link.index))
    }

    private mutating func deleteRouting() {
        guard let piece = dice.pick(kernel.routing) else { return }
        note("somebody deletes \(piece)")
        tally.count(.routingDeletedByOthers)
        _ = kernel.remove(piece, isByOthers: true)
    }

    // MARK: Links and routers

    private mutating func changeLink() {
        tally.count(.linkChanges)
        guard kernel.links.count > 1 else {
            addUplink()
            return
        }
        let place = 1
        let link = kernel.links[place]
        switch dice.roll(8) {
        case 0:
            note("interface \(link.index) is removed")
            kernel.removeLink(place)
        case 1:
            let isUsual = link.name == Scenario.uplinkName
            note("interface \(link.index) is renamed")
            kernel.rename(place, isUsual ? Scenario.otherName : Scenario.uplinkName)
        default:
            note("interface \(link.index) is set \(link.isUp ? "down" : "up")")
            kernel.setLink(place, up: !link.isUp)
        }
        // The interface would have taken it along.
        fought = fought.filter { $0.heardAt != nil || isPlaceUp($0.address) }
    }

    private mutating func addUplink() {
        note("the uplink appears")
        kernel.addLink(Scenario.uplinkName, isUp: !dice.once(in: 4))
    }

    private mutating func changeRouters() {
        guard kernel.links.count > 1, kernel.links[1].isUp else { return }
        tally.count(.routerChanges)
        let router = Router(
            interfaceIndex: kernel.links[1].index,
            address: IPv6Address(high: 0xfe80 << 48, low: UInt64(1 + dice.roll(Self.routerCount))),
            metric: 1024)
        if let place = kernel.routers.firstIndex(of: router) {
            kernel.tell(.routerGone(kernel.routers.swapOut(place)))
        } else {
            kernel.routers.append(router)
            kernel.tell(.routerFound(router))
        }
    }

    /// The uplink is there, up, and has its usual name.
    mutating func makeUplinkWhole() {
        guard kernel.links.count > 1 else {
            kernel.addLink(Scenario.uplinkName, isUp: true)
            return
        }
        if kernel.links[1].name != Scenario.uplinkName { kernel.rename(1, Scenario.uplinkName) }
        if !kernel.links[1].isUp { kernel.setLink(1, up: true) }
    }
}
