import CLibc
public import Mobility
public import Posix

/// Why the secret cannot be had, worded as a log line.
public enum StateDirectoryError: Error, Equatable, CustomStringConvertible, Sendable {
    case system(SystemError)
    /// The file holds something else than 32 hexadecimal digits and a line end.
    case malformedSecret(path: String)

    public var description: String {
        switch self {
        case .system(let error): error.description
        case .malformedSecret(let path):
            "\(path): not 32 hexadecimal digits and a line end; restore it, "
                + "or remove it to get a new secret and with it other addresses"
        }
    }
}

/// What outlives the machine (`--state-directory`).
public struct StateDirectory: Sendable {
    private let path: String

    public init(path: String) { self.path = path }

    /// The host's secret, from which identifiers of interfaces are derived that are the same after every start
    /// and that nobody can foretell (RFC 7217); made, and kept in `secret` for root alone, if there is none yet.
    ///
    /// A file that is damaged is not replaced: every address would change, and nobody would know why.
    public func secret() throws(StateDirectoryError) -> Secret {
        let file = "\(path)/secret"
        let octets: [UInt8]
        do {
            octets = try File.read(file, limit: SecretText.sizeLimit)
        } catch {
            if error.errno == ENOENT { return try makeSecret(file) }
            throw error.errno == EFBIG ? .malformedSecret(path: file) : .system(error)
        }
        guard let secret = SecretText.secret(in: octets) else { throw .malformedSecret(path: file) }
        return secret
    }

    private func makeSecret(_ file: String) throws(StateDirectoryError) -> Secret {
        do {
            try File.makeDirectory(path, mode: 0o700)
            let secret = try Secret.random()
            try File.replace(file, with: SecretText.octets(of: secret), mode: 0o600)
            return secret
        } catch {
            throw .system(error)
        }
    }
}

/// 32 hexadecimal digits and a line end, which may be missing.
private enum SecretText {
    /// Octets that are read; more than a secret has, so that what follows one is seen.
    static let sizeLimit = 64

    static func secret(in octets: [UInt8]) -> Secret? {
        var digits = octets[...]
        if digits.last == UInt8(ascii: "\n") { digits.removeLast() }
        guard digits.count == 32, let high = half(digits.prefix(16)), let low = half(digits.suffix(16)) else {
            return nil
        }
        return Secret(high: high, low: low)
    }

    static func octets(of secret: Secret) -> [UInt8] {
        let digits = [secret.high, secret.low].map { half in
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }
        return Array((digits.joined() + "\n").utf8)
    }

    private static func half(_ digits: ArraySlice<UInt8>) -> UInt64? {
        // The integer's own parser would also take a sign.
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        return UInt64(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
