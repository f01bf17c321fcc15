import NetworkSide
import Posix
import Testing

@testable import Daemon

@Suite("A machine's name for itself") struct ClientIdentityTests {
    private let directory: TemporaryDirectory
    private let machine = "0123456789abcdef0123456789abcdef"

    init() throws { directory = try TemporaryDirectory() }

    private func identifier() throws -> ClientIdentifier {
        try .ofThisMachine(machineFile: "\(directory.path)/machine-id", stateDirectory: directory.path)
    }

    private func kept() throws -> String {
        String(decoding: try File.read("\(directory.path)/duid", limit: 64), as: UTF8.self)
    }

    @Test func itIsComputedFromTheMachinesIdentifier() throws {
        try directory.write("machine-id", machine + "\n")
        #expect(try identifier() == ClientIdentifier(machine: 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef))
        #expect(throws: SystemError.self, "nothing is kept") { try kept() }
    }

    /// Machines that were made of one image have these alike, or none.
    @Test(
        arguments: [
            nil, "", "\n", "uninitialized\n", "00000000000000000000000000000000\n", "0123456789abcdef\n",
            "0123456789abcdef0123456789abcdeg\n", "0123456789abcdef0123456789abcdef0\n",
        ] as [String?])
    func withoutOneItIsDrawnAndKept(text: String?) throws {
        if let text { try directory.write("machine-id", text) }
        let drawn = try identifier()
        #expect(drawn.octets.count == 18)
        #expect(try identifier() == drawn)
        let digits = try kept().dropLast()
        #expect(digits.utf8.count == 32)
        #expect(ClientIdentifier(machine: try #require(UInt128(digits, radix: 16))) == drawn)
        #expect(try directory.mode("duid") == 0o600)
        let other = try TemporaryDirectory()
        #expect(
            try ClientIdentifier.ofThisMachine(
                machineFile: "\(directory.path)/machine-id", stateDirectory: other.path) != drawn)
    }

    @Test func whatWasKeptIsTaken() throws {
        try directory.write("duid", machine + "\n")
        #expect(try identifier() == ClientIdentifier(machine: 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef))
    }

    @Test func zerosThatWereKeptAreDrawnAnew() throws {
        try directory.write("duid", "00000000000000000000000000000000\n")
        let drawn = try identifier()
        #expect(drawn != ClientIdentifier(machine: 0))
        #expect(try identifier() == drawn)
    }

    @Test func whatCannotBeKeptIsSaid() {
        #expect(throws: SystemError.self) {
            try ClientIdentifier.ofThisMachine(
                machineFile: "\(directory.path)/machine-id", stateDirectory: "\(directory.path)/missing")
        }
    }
}
