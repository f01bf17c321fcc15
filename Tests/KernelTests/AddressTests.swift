import CLibc
import Testing

@testable import Kernel
@testable import Mobility

@Suite(.enabled(if: canMakeNamespaces, "making network namespaces takes root"))
struct AddressTests {
    @Test func anAddressKeepsItsTypeAndFlags() throws {
        try inFreshNamespace {
            let routes = try RouteSocket.open()
            for type in ContinuityType.allCases {
                try routes.add(
                    ourAddress(IPv6Address(high: 0x2001_0db8 << 32, low: UInt64(type.rawValue)), type))
            }
            let ours = try routes.addresses().filter { $0.type != nil }.sorted { $0.address < $1.address }
            #expect(ours.map(\.type) == ContinuityType.allCases)
            #expect(ours.map(\.proto) == [0xd1, 0xd2, 0xd3, 0xd4])
            for address in ours {
                #expect(address.flags == [.noDAD, .noPrefixRoute, .permanent, .deprecated])
                #expect(address.prefixLength == 128)
                #expect(address.interfaceIndex == loopbackIndex)
                #expect(address.preferredSeconds == 0)
                #expect(address.validSeconds == .max)
            }
        }
    }

    @Test func anAddressWithoutDetectionIsBindableAtOnceAndGoneAtOnce() throws {
        try inFreshNamespace {
            let routes = try RouteSocket.open()
            let address: IPv6Address = "2001:db8::1"
            #expect(TestSocket(SOCK_DGRAM).bind(address) == EADDRNOTAVAIL)
            try routes.add(ourAddress(address))
            #expect(TestSocket(SOCK_DGRAM).bind(address) == 0)
            try routes.remove(address, prefixLength: 128, interfaceIndex: loopbackIndex)
            #expect(TestSocket(SOCK_DGRAM).bind(address) == EADDRNOTAVAIL)
        }
    }

    @Test func oneAddressIsAskedForByItsInterface() throws {
        try inFreshNamespace {
            let routes = try RouteSocket.open()
            ip("link add a0 type veth peer name a1")
            ip("-6 address add 2001:db8::1/128 dev a0 nodad")
            try routes.add(ourAddress("2001:db8::1", .fixed))
            #expect(try routes.address("2001:db8::1", interfaceIndex: loopbackIndex)?.type == .fixed)
            let elsewhere = try #require(try routes.links().first { $0.name == "a0" })
            let theirs = try #require(
                try routes.address("2001:db8::1", interfaceIndex: elsewhere.index))
            #expect(theirs.type == nil && theirs.interfaceIndex == elsewhere.index)
            #expect(try routes.address("2001:db8::2", interfaceIndex: loopbackIndex) == nil)
            #expect(try routes.address("2001:db8::1", interfaceIndex: 999) == nil)
            // The socket goes on after an answer that was a refusal.
            #expect(try routes.addresses().filter { $0.type != nil }.count == 1)
        }
    }

    @Test func othersAddressesAreLeftAlone() throws {
        try inFreshNamespace {
            let routes = try RouteSocket.open()
            ip("-6 address add 2001:db8:f::1/64 dev lo valid_lft 3000 preferred_lft 2000")
            let others = try routes.addresses()
            #expect(others.contains { $0.address == "2001:db8:f::1" && $0.type == nil && $0.proto == 0 })
            try routes.add(ourAddress("2001:db8::1"))
            try routes.remove("2001:db8::1", prefixLength: 128, interfaceIndex: loopbackIndex)
            #expect(try routes.addresses().map(\.address) == others.map(\.address))
        }
    }

    @Test func replacingSendsEverythingAgain() throws {
        try inFreshNamespace {
            let routes = try RouteSocket.open()
            var address = ourAddress("2001:db8::1", .fixed)
            try routes.add(address)
            address.preferredSeconds = 100
            address.validSeconds = 200
            try routes.replace(address)
            let found = try #require(try routes.addresses().first { $0.address == "2001:db8::1" })
            #expect(found.type == .fixed)
            #expect(found.flags == [.noDAD, .noPrefixRoute])
            #expect((99...100).contains(found.preferredSeconds))
            #expect((199...200).contains(found.validSeconds))
        }
    }

    @Test func aLeftoverOfAnEarlierAdditionIsNotInALaterOne() throws {
        try inFreshNamespace {
            let routes = try RouteSocket.open()
            try routes.add(ourAddress("2001:db8::1", .fixed))
            var other = ourAddress("2001:db8::2", .nonPersistent)
            other.flags = [.noDAD]
            other.validSeconds = 50
            try routes.add(other)
            let found = try #require(try routes.addresses().first { $0.address == "2001:db8::2" })
            #expect(found.type == .nonPersistent)
            #expect(found.flags == [.noDAD, .deprecated])
            #expect((49...50).contains(found.validSeconds))
        }
    }

    @Test func refusalsReadAsLogLines() throws {
        try inFreshNamespace {
            let routes = try RouteSocket.open()
            let address = ourAddress("2001:db8::1")
            try routes.add(address)
            expectRefusal(
                EEXIST, "add address 2001:db8::1/128 on lo: File exists (EEXIST)"
            ) { () throws(KernelError) in try routes.add(address) }
            var elsewhere = address
            elsewhere.interfaceIndex = 77
            expectRefusal(
                ENODEV, "add address 2001:db8::1/128 on interface 77: No such device (ENODEV)"
            ) { () throws(KernelError) in try routes.add(elsewhere) }
            var backwards = ourAddress("2001:db8::2")
            backwards.preferredSeconds = 10
            backwards.validSeconds = 5
            expectRefusal(
                EINVAL, "add address 2001:db8::2/128 on lo: Invalid argument (EINVAL)"
            ) { () throws(KernelError) in try routes.add(backwards) }
            expectRefusal(
                EADDRNOTAVAIL,
                "remove address 2001:db8::9/128 from lo: Cannot assign requested address (EADDRNOTAVAIL)"
            ) { () throws(KernelError) in
                try routes.remove("2001:db8::9", prefixLength: 128, interfaceIndex: loopbackIndex)
            }
            // A refusal leaves nothing behind that the next request could take for its answer.
            try routes.remove("2001:db8::1", prefixLength: 128, interfaceIndex: loopbackIndex)
        }
    }

    private func expectRefusal(
        _ errno: Int32, _ text: String, _ action: () throws(KernelError) -> Void
    ) {
        do {
            try action()
            Issue.record("not refused: \(text)")
        } catch {
            #expect(error.errno == errno)
            // The kernel's own words, which differ between kernels, may follow.
            #expect(error.description.hasPrefix(text), "\(error)")
        }
    }

    @Test func aThousandAddressesAreListedWhole() throws {
        try inFreshNamespace {
            let routes = try RouteSocket.open()
            for number in 1...1_000 {
                try routes.add(ourAddress(IPv6Address(high: 0x2001_0db8 << 32, low: UInt64(number))))
            }
            let ours = try routes.addresses().filter { $0.type == .sessionLasting }
            #expect(Set(ours.map(\.address.low)) == Set(1...1_000))
            for number in 1...1_000 {
                try routes.remove(
                    IPv6Address(high: 0x2001_0db8 << 32, low: UInt64(number)), prefixLength: 128,
                    interfaceIndex: loopbackIndex)
            }
            #expect(try routes.addresses().allSatisfy { $0.type == nil })
        }
    }

    @Test func anExplanationFollowsTheErrno() {
        let operation = KernelError.Operation.addRule(from: "2001:db8::/56", table: 53_250)
        #expect(
            KernelError(operation: operation, errno: EPERM).description
                == "add rule from 2001:db8::/56 lookup 53250: Operation not permitted (EPERM)")
        #expect(
            KernelError(operation: operation, errno: 9999, explanation: "why").description
                == "add rule from 2001:db8::/56 lookup 53250: error 9999: why")
    }
}
