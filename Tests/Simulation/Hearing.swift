import Mobility

// What the daemon hears of the kernel, late, in part, or again from the beginning.

extension History {
    mutating func readNotices() {
        for _ in 0..<1 + dice.roll(4) {
            guard let notice = kernel.nextNotice() else { break }
            tally.count(.noticesTold)
            hear(notice)
        }
        if kernel.notices.isEmpty, kernel.haveNoticesBeenLost { lookAgain() }
    }

    private mutating func hear(_ notice: Event) {
        noteHeard { $0 == notice.address }
        tell(notice)
        switch notice {
        case .addressLost(let address), .addressOverwritten(let address, _): expectBack(address)
        case .routingLost(.localRoute(let prefix)): expectBack(prefix)
        default: break
        }
    }

    /// Notices were lost: everything is told again.
    private mutating func lookAgain() {
        note("the daemon looks at everything again")
        kernel.catchUp()
        tellUplinks()
        tellAddresses()
    }

    /// A list that fails is asked for again, together with everything else.
    mutating func listAddresses() {
        if !isPeaceful, dice.once(in: 12) {
            kernel.loseNotices(after: kernel.notices.count)
        } else {
            tellAddresses()
        }
    }

    private mutating func noteHeard(_ isMeant: (IPv6Address) -> Bool) {
        for place in fought.indices where isMeant(fought[place].address) {
            fought[place].heardAt = fought[place].heardAt ?? now
        }
    }

    private mutating func tellAddresses() {
        noteHeard { _ in true }
        let ours = kernel.addresses.filter { $0.type != nil }
        for address in ours { tell(.addressListed(address.address)) }
        // What the notices lead to is not in the list.
        tell(.addressesListed)
        for address in ours { tell(address.notice) }
        expectAllBack()
    }

    mutating func readDeaths() {
        while let event = sockets.nextDeath(&dice) {
            tally.count(.deathsTold)
            tell(event)
            if dice.once(in: 4) { return }
        }
    }

    mutating func tellUplinks() {
        tell(.uplinksForgotten)
        for link in kernel.links { tell(.linkFound(index: link.index, name: link.name, isUp: link.isUp)) }
        for router in kernel.routers { tell(.routerFound(router)) }
        tell(.uplinksListed)
    }
}
