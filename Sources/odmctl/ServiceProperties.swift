import Posix

/// Properties of a service, as `systemctl show` prints them.
struct ServiceProperties {
    /// Those that are asked for.
    static let names = [
        "LoadState", "Environment", "ExecStart", "User", "Group", "DynamicUser", "PrivateNetwork",
        "RestrictAddressFamilies", "RootDirectory", "RootImage",
    ]

    /// A property may have several lines.
    private var lines: [Substring: [Substring]] = [:]

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, !parts[1].isEmpty { lines[parts[0], default: []].append(parts[1]) }
        }
    }

    /// The value of a property; nil if it is empty.
    subscript(_ name: Substring) -> String? { lines[name]?.first.map(String.init) }

    /// What the service's environment has for a variable.
    func variable(_ name: String) -> String? {
        let assignments = UnitWords.split(self["Environment"] ?? "")
        return assignments.last { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    /// The paths of the programs that it runs.
    var programs: [String] {
        (lines["ExecStart"] ?? []).compactMap { line in
            let rest = line.split(separator: "path=", maxSplits: 1, omittingEmptySubsequences: false)
                .dropFirst().first
            return rest?.split(separator: " ; ", maxSplits: 1).first.map(String.init)
        }
    }

    /// Who runs them; somebody other than root if that is all that is known.
    var caller: ProgramPrivileges.Caller {
        let user =
            self["User"].map { Account.user(named: $0) ?? UInt32($0) ?? Self.somebody }
            ?? (self["DynamicUser"] == "yes" ? Self.somebody : 0)
        let group =
            self["Group"].map { Account.group(named: $0) ?? UInt32($0) ?? Self.somebody }
            ?? Account.groups(ofUser: user).first ?? Self.somebody
        return ProgramPrivileges.Caller(user: user, group: group)
    }

    /// One whom nothing belongs to: that of what is not mapped.
    private static let somebody: UInt32 = 65534
}

extension ServiceProperties {
    /// Why its programs will not be given addresses, or might not, each in a sentence.
    var obstacles: [String] { sandboxObstacles + (hasOwnRoot ? [] : programObstacles) }

    private var hasOwnRoot: Bool { self["RootImage"] != nil || (self["RootDirectory"] ?? "/") != "/" }

    private var sandboxObstacles: [String] {
        let hasOwnNetwork = self["PrivateNetwork"] == "yes"
        return [
            hasOwnNetwork ? "PrivateNetwork=yes: odmd has no addresses in a network of the unit's own" : nil,
            hidesLocalSockets ? "RestrictAddressFamilies= leaves out AF_UNIX, which asking odmd takes" : nil,
            hasOwnRoot
                ? "RootDirectory= or RootImage=: the library and /run/odm have to be in there (BindReadOnlyPaths=)"
                : nil,
        ].compactMap(\.self)
    }

    /// "~" is in front of those families that are denied.
    private var hidesLocalSockets: Bool {
        guard let value = self["RestrictAddressFamilies"] else { return false }
        let names = value.split { $0 == " " || $0 == "~" }.contains("AF_UNIX")
        return value.hasPrefix("~") ? names : !names
    }

    /// What the library does not reach.
    var programObstacles: [String] {
        programs.compactMap { path in
            guard let path = SearchPath.find(path) else { return nil }
            return Reach(path: path, caller: caller).explanation.map {
                "the library does not reach \(path): \($0)"
            }
        }
    }
}
