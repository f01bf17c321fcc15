import Mobility
import Testing

/// Which prefix and which identifier an address gets.
@Suite struct AllocationTests {
    private func subnet(_ address: IPv6Address) -> IPv6Prefix { IPv6Prefix(address, length: 64) }

    @Test func shareHostGivesEverybodyTheSameAddress() {
        var world = World()
        let address = world.get(.sessionLasting, cookie: 1, user: 1000)
        #expect(world.get(.sessionLasting, cookie: 2, user: 1001) == address)
        #expect(world.rules.addressCount == 1)
    }

    @Test func shareUserGivesEachUserOne() {
        var world = World { $0.types.sessionLasting.share = .user }
        let first = world.get(.sessionLasting, cookie: 1, user: 1000)
        let second = world.get(.sessionLasting, cookie: 2, user: 1001)
        #expect(first != second)
        #expect(world.get(.sessionLasting, cookie: 3, user: 1000) == first)
        #expect(world.rules.addressSummary(of: second, at: world.now)?.owner == .user(1001))
    }

    @Test func shareSocketGivesEachSocketOneAndTheSameSocketTheSame() {
        var world = World { $0.types.sessionLasting.share = .socket }
        let first = world.get(.sessionLasting, cookie: 1)
        #expect(world.get(.sessionLasting, cookie: 2) != first)
        #expect(world.get(.sessionLasting, cookie: 1) == first)
    }

    @Test func theTypesHaveAddressesInPrefixesOfTheirOwn() {
        var world = World()
        let subnets = Set(
            [ContinuityType.fixed, .sessionLasting, .nonPersistent].enumerated().map { index, type in
                subnet(world.get(type, cookie: UInt64(index + 1)))
            })
        #expect(subnets.count == 3)
    }

    @Test func onNetMakesANewAddressInANewPrefixEveryTime() {
        var world = World()
        var subnets = Set([subnet(world.get(.sessionLasting, cookie: 1))])
        for cookie in 2...50 {
            subnets.insert(subnet(world.get(.sessionLasting, cookie: UInt64(cookie), onNet: true)))
        }
        #expect(subnets.count == 50)
        #expect(subnets.allSatisfy { IPv6Prefix("2001:db8:a::/56").contains($0.address) })
    }

    @Test func anOnNetAddressIsSharedOnlyWhenThereIsNoOther() {
        var world = World()
        let alone = world.get(.sessionLasting, cookie: 1, onNet: true)
        #expect(world.get(.sessionLasting, cookie: 2) == alone)
        _ = world.get(.sessionLasting, cookie: 3, onNet: true)
        #expect(world.get(.sessionLasting, cookie: 4) == alone)
    }

    @Test func aPoolThatIsUsedUpSaysSo() {
        var world = World {
            $0.sources = [Source(name: "small", types: [.sessionLasting], prefixes: ["2001:db8:a::/62"])]
        }
        // Four /64s, the first of which is kept for Fixed.
        for cookie in 1...3 { _ = world.get(.sessionLasting, cookie: UInt64(cookie), onNet: true) }
        #expect(world.ask(.sessionLasting, cookie: 4, onNet: true).answer == .refused(.exhausted))
        let freed = world.rules.latestGrant(of: 2)?.address
        _ = world.tell(.socketDestroyed(2))
        _ = world.perform(world.pass(.seconds(30)))
        #expect(subnet(world.get(.sessionLasting, cookie: 5, onNet: true)) == freed.map(subnet))
    }

    @Test func maxAddressesBoundsASource() {
        var world = World { $0.sources[0].maxAddresses = 2 }
        _ = world.get(.sessionLasting, cookie: 1)
        _ = world.get(.nonPersistent, cookie: 2)
        #expect(world.ask(.fixed, cookie: 3).answer == .refused(.exhausted))
        #expect(world.ask(.sessionLasting, cookie: 3).grantedAddress != nil)
    }

    @Test func theNextSourceIsAskedWhenOneIsUsedUp() {
        var world = World {
            $0.sources = [
                Source(name: "one", types: [.sessionLasting], prefixes: ["2001:db8:1::1/128"]),
                Source(name: "two", types: [.sessionLasting], prefixes: ["2001:db8:2::/56"]),
            ]
            $0.types.sessionLasting.share = .socket
        }
        #expect(world.get(.sessionLasting, cookie: 1) == "2001:db8:1::1")
        #expect(IPv6Prefix("2001:db8:2::/56").contains(world.get(.sessionLasting, cookie: 2)))
    }

    @Test func aTypeWithoutASourceIsNotSupported() {
        var world = World()
        #expect(world.ask(.gracefulReplacement, cookie: 1) == [.answer(request(1), .refused(.noSource))])
    }

    @Test(arguments: [UInt8(64), 96, 120])
    func aLongPrefixIsCutIntoSingleAddresses(length: UInt8) {
        let pool = IPv6Prefix("2001:db8:a::", length: length)
        var world = World { $0.sources = [Source(name: "long", types: [.sessionLasting], prefixes: [pool])] }
        var seen = Set<IPv6Address>()
        for cookie in 1...50 {
            let address = world.get(.sessionLasting, cookie: UInt64(cookie), onNet: true)
            #expect(pool.contains(address))
            // The subnet-router anycast address is no host's.
            #expect(address != pool.address)
            seen.insert(address)
        }
        #expect(seen.count == 50)
    }

    @Test func aTinyPrefixGivesEveryAddressItHas() {
        var world = World {
            $0.sources = [Source(name: "tiny", types: [.sessionLasting], prefixes: ["2001:db8::/126"])]
            $0.types.sessionLasting.share = .socket
        }
        let addresses = Set((1...3).map { world.get(.sessionLasting, cookie: $0) })
        #expect(addresses == ["2001:db8::1", "2001:db8::2", "2001:db8::3"])
        #expect(world.ask(.sessionLasting, cookie: 4).answer == .refused(.exhausted))
    }

    @Test func fixedIsTheSameWhicheverTypeIsAskedForFirst() {
        var first = World()
        let fixed = first.get(.fixed, cookie: 1)
        var second = World()
        _ = second.get(.sessionLasting, cookie: 1)
        _ = second.get(.nonPersistent, cookie: 2, onNet: true)
        #expect(second.get(.fixed, cookie: 3) == fixed)
    }

    @Test func fixedDependsOnTheSecretOnlyAndTheOthersOnTheRandomKey() {
        func addresses(secret: UInt64, randomKey: UInt64) -> [IPv6Address] {
            var world = World()
            world.rules = Rules(
                configuration: world.rules.configuration, secret: Secret(high: secret, low: 0),
                randomKey: Secret(high: randomKey, low: 0))
            return [world.get(.fixed, cookie: 1), world.get(.sessionLasting, cookie: 2)]
        }
        let one = addresses(secret: 1, randomKey: 1)
        #expect(addresses(secret: 1, randomKey: 2)[0] == one[0])
        #expect(addresses(secret: 1, randomKey: 2)[1] != one[1])
        #expect(addresses(secret: 2, randomKey: 1)[0] != one[0])
        #expect(addresses(secret: 2, randomKey: 1)[1] == one[1])
    }

    @Test func fixedForEachUserIsStableToo() {
        func addresses(_ users: [UInt32]) -> [UInt32: IPv6Address] {
            var world = World { $0.types.fixed.share = .user }
            var addresses: [UInt32: IPv6Address] = [:]
            for user in users { addresses[user] = world.get(.fixed, cookie: UInt64(user), user: user) }
            return addresses
        }
        let addresses1 = addresses([1000, 1001, 1002])
        #expect(addresses1 == addresses([1002, 1001, 1000]))
        #expect(Set(addresses1.values).count == 3)
    }
}
