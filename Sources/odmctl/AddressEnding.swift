import ArgumentParser
import Posix

/// An address as people give it: whole, or its end, "8a3f" or "::8a3f".
struct AddressEnding: Equatable {
    let text: String
    /// Nil if it is only an end.
    private let octets: [UInt8]?

    /// - Throws: `ValidationError` if it is neither.
    init(_ text: String) throws {
        guard !text.isEmpty, text.allSatisfy({ $0 == ":" || $0.isASCII && $0.isHexDigit }) else {
            throw ValidationError("this is no IPv6 address, nor the end of one")
        }
        self.text = text
        octets = IPv6AddressText.octets(of: text).flatMap { Self.isUsual($0) ? $0 : nil }
    }

    var isWhole: Bool { octets != nil }

    /// Whether it stands for an address, which is in the one spelling that odmd has (RFC 5952).
    func matches(_ address: String) -> Bool {
        if let octets { return IPv6AddressText.octets(of: address) == octets }
        // The colons may stand for what is left out here.
        let end = text.hasPrefix("::") ? text.dropFirst() : text[...]
        return address.hasSuffix(end.lowercased())
    }

    /// The one address that it stands for. A whole one stands for itself, whether it is there or not.
    ///
    /// - Throws: `Failure` if there is none, or if there are several.
    func resolved(among addresses: [String]) throws(Failure) -> String {
        if isWhole { return text }
        let found = addresses.filter(matches)
        if found.count == 1 { return found[0] }
        let problem = found.isEmpty ? "no address of odmd ends so" : "several addresses of odmd end so"
        throw Failure(
            ([problem] + Self.candidates(found.isEmpty ? addresses : found)).joined(separator: "\n"),
            ExitStatus.dataError)
    }

    /// 2000:: and above: below are none that a socket would be given, and ends that look like whole addresses.
    private static func isUsual(_ octets: [UInt8]) -> Bool { octets[0] >= 0x20 }

    private static let mostCandidates = 10

    private static func candidates(_ addresses: [String]) -> [String] {
        let more = addresses.count - mostCandidates
        return addresses.prefix(mostCandidates).map { "  " + $0 } + (more > 0 ? ["  and \(more) more"] : [])
    }
}

extension [AddressEnding] {
    /// Whether one of them stands for an address; without any, all addresses are meant.
    func match(_ address: String) -> Bool { isEmpty || contains { $0.matches(address) } }
}
