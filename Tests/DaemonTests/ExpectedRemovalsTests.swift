import Kernel
import Mobility
import Testing

@testable import Daemon

@Suite("What the kernel tells of addresses that we have removed") struct ExpectedRemovalsTests {
    private let address: IPv6Address = "2001:db8::1"

    private func kernelAddress(proto: UInt8 = 0xd2) -> KernelAddress {
        KernelAddress(
            address: address, prefixLength: 128, interfaceIndex: 3, flags: [], preferredSeconds: 0,
            validSeconds: .max, proto: proto)
    }

    private func isFormer(_ notice: RouteNotice, _ expected: inout ExpectedRemovals) -> Bool {
        expected.isOfFormerLife(notice)
    }

    @Test func upToTheRemovalItIsOfTheFormerLife() {
        var expected = ExpectedRemovals()
        expected.expect(address)
        #expect(isFormer(.address(kernelAddress()), &expected))
        #expect(isFormer(.addressGone(kernelAddress()), &expected))
        #expect(!isFormer(.address(kernelAddress()), &expected))
        #expect(!isFormer(.addressGone(kernelAddress()), &expected))
    }

    @Test func removalsAreCounted() {
        var expected = ExpectedRemovals()
        expected.expect(address)
        expected.expect(address)
        #expect(isFormer(.addressGone(kernelAddress()), &expected))
        #expect(isFormer(.address(kernelAddress()), &expected))
        #expect(isFormer(.addressGone(kernelAddress()), &expected))
        #expect(!isFormer(.address(kernelAddress()), &expected))
    }

    /// It was changed, went with its interface, and was to be removed, before any of that was told.
    @Test func anAddressThatSomebodyMadeHisBeforeItWent() {
        var expected = ExpectedRemovals()
        expected.expect(address)
        #expect(isFormer(.address(kernelAddress(proto: 0)), &expected))
        #expect(isFormer(.addressGone(kernelAddress(proto: 0)), &expected))
        // Made again, it must be heard that it can be bound.
        #expect(!isFormer(.address(kernelAddress()), &expected))
    }

    @Test func othersAreNotConcerned() {
        var expected = ExpectedRemovals()
        expected.expect("2001:db8::2")
        #expect(!isFormer(.address(kernelAddress()), &expected))
        expected.expect(address)
        expected.forgetAll()
        #expect(!isFormer(.address(kernelAddress()), &expected))
    }
}
