import Testing

@testable import odmctl

@Suite struct AddressEndingTests {
    private let addresses = ["2001:db8::1", "2001:db8:a::1", "2001:db8:0:1:5c1f:9a3e:72d0:b8a1"]

    private func resolve(_ text: String) throws -> String {
        try AddressEnding(text).resolved(among: addresses)
    }

    private func failure(_ text: String, among addresses: [String]) throws -> Failure? {
        let ending = try AddressEnding(text)
        do throws(Failure) {
            _ = try ending.resolved(among: addresses)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("b8a1", "2001:db8:0:1:5c1f:9a3e:72d0:b8a1"), ("8A1", "2001:db8:0:1:5c1f:9a3e:72d0:b8a1"),
        ("::b8a1", "2001:db8:0:1:5c1f:9a3e:72d0:b8a1"), (":b8a1", "2001:db8:0:1:5c1f:9a3e:72d0:b8a1"),
        ("72d0:b8a1", "2001:db8:0:1:5c1f:9a3e:72d0:b8a1"), ("a::1", "2001:db8:a::1"),
        ("db8::1", "2001:db8::1"),
    ])
    func theOneThatEndsSo(text: String, address: String) throws {
        #expect(try resolve(text) == address)
    }

    @Test(arguments: ["2001:db8::1", "2001:DB8::9", "fd00::1", "fe80::1"])
    func aWholeAddressIsItself(text: String) throws {
        let address = try AddressEnding(text)
        #expect(address.isWhole)
        #expect(try address.resolved(among: addresses) == text)
    }

    @Test(arguments: [
        ("2001:DB8:0::1", "2001:db8::1", true), ("2001:db8::1", "2001:db8::2001:db8:0:1", false),
        ("1", "2001:db8::1", true), ("::1", "2001:db8::11", false), ("2", "2001:db8::1", false),
    ])
    func matching(text: String, address: String, matches: Bool) throws {
        #expect(try AddressEnding(text).matches(address) == matches)
    }

    @Test func oneOfSeveralMustMatch() throws {
        let wanted = try ["b8a1", "2001:db8::1"].map(AddressEnding.init)
        #expect(addresses.filter(wanted.match) == [addresses[0], addresses[2]])
        #expect(addresses.filter([AddressEnding]().match) == addresses)
    }

    @Test func severalAreListed() throws {
        #expect(
            try failure("::1", among: addresses)
                == Failure("several addresses of odmd end so\n  2001:db8::1\n  2001:db8:a::1", 65))
    }

    @Test func withoutOneAllAreListed() throws {
        #expect(
            try failure("2", among: ["2001:db8::1"])
                == Failure("no address of odmd ends so\n  2001:db8::1", 65))
        #expect(try failure("2", among: []) == Failure("no address of odmd ends so", 65))
    }

    @Test func atMostTenAreListed() throws {
        let many = (10..<22).map { "2001:db8::\($0)" }
        let lines = try #require(try failure(":", among: many)).message.split(separator: "\n")
        #expect(lines.count == 12)
        #expect(lines.last == "  and 2 more")
    }

    @Test(arguments: ["", "x", "2001:db8::1%eth0", "not-an-address", "１"])
    func whatIsNeither(text: String) {
        #expect(throws: (any Error).self) { try AddressEnding(text) }
    }
}
