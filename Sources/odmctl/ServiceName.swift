import ArgumentParser

/// The name of a systemd service, as far as it can be one (systemd.unit(5)).
struct ServiceName: Equatable {
    private static let suffix = ".service"
    private static let others = [
        ".socket", ".timer", ".path", ".target", ".slice", ".scope", ".mount", ".automount", ".swap",
        ".device",
    ]
    /// With the NUL at the end: UNIT_NAME_MAX.
    private static let limit = 256

    /// With ".service".
    let text: String

    /// - Parameter written: what systemctl(1) takes as well; ".service" may be left out.
    /// - Throws: `ValidationError` if no service is called so.
    init(_ written: String) throws {
        if written.contains("/") {
            throw ValidationError("a unit is named without a path, and has no slash in its name")
        }
        if let other = Self.others.first(where: written.hasSuffix) {
            throw ValidationError("only services run programs, and '\(other)' is another kind of unit")
        }
        text = written.hasSuffix(Self.suffix) ? written : written + Self.suffix
        let stem = text.dropLast(Self.suffix.count)
        guard !stem.isEmpty, stem.first != "@", text.utf8.count < Self.limit,
            stem.utf8.allSatisfy(Self.isAllowed)
        else { throw ValidationError("no unit can be called '\(written)'; see systemd-escape(1)") }
    }

    /// It ends in "@", and stands for all its instances.
    var isTemplate: Bool { text.hasSuffix("@\(Self.suffix)") }

    /// Something that systemd can look at: of a template some instance.
    var lookable: String { isTemplate ? text.dropLast(Self.suffix.count) + "odm\(Self.suffix)" : text }

    /// What `systemctl restart` takes: of a template those instances that run.
    var restartable: String {
        isTemplate ? "'\(text.dropLast(Self.suffix.count))*\(Self.suffix)'" : ShellQuoting.quoted(text)
    }

    private static func isAllowed(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: #":-_.\@"#.utf8.contains(octet)
        }
    }
}
