import CLibc
import NetworkSide
import Posix

extension ClientIdentifier {
    private static let machineFile = "/etc/machine-id"
    /// Octets that are read; more than such a file has.
    private static let sizeLimit = 64

    /// This machine's name for itself: computed from its identifier (machine-id(5)), or else drawn once and kept as `duid` in
    /// the state directory, so that servers know the machine again.
    ///
    /// - Parameter machineFile: where the machine's identifier is, unless it has none, as before the first boot of an image.
    static func ofThisMachine(
        machineFile: String = machineFile, stateDirectory: String
    ) throws(SystemError) -> ClientIdentifier {
        if let machine = number(in: machineFile) { return ClientIdentifier(machine: machine) }
        let kept = "\(stateDirectory)/duid"
        if let number = number(in: kept) { return ClientIdentifier(machine: number) }
        let drawn = try Process.randomOctets(16).reduce(0 as UInt128) { $0 << 8 | UInt128($1) }
        let digits = String(drawn, radix: 16)
        let text = String(repeating: "0", count: 32 - digits.utf8.count) + digits + "\n"
        try File.replace(kept, with: Array(text.utf8), mode: 0o600)
        return ClientIdentifier(machine: drawn)
    }

    /// The 32 hexadecimal digits of a file; nil if it holds something else, such as "uninitialized", or only zeros, which
    /// many machines may have alike.
    private static func number(in path: String) -> UInt128? {
        guard let octets = try? File.read(path, limit: sizeLimit) else { return nil }
        let digits = octets.prefix { $0 != UInt8(ascii: "\n") }
        guard digits.count == 32, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else {
            return nil
        }
        let number = UInt128(String(decoding: digits, as: UTF8.self), radix: 16)
        return number == 0 ? nil : number
    }
}
