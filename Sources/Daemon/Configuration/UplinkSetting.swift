import Mobility

/// `Interface=`: the uplink of a source, or patterns of the uplinks that it may use.
enum UplinkSetting {
    /// - Parameter owner: who has no more than one, as an error names it.
    static func name(_ text: String, of owner: String) throws(SettingProblem) -> InterfaceName {
        if isPattern(text) {
            throw SettingProblem("\(owner) has one interface; write its whole name, such as wlan0")
        }
        guard text != loopback else {
            throw SettingProblem("lo leads nowhere; write the uplink, such as wlan0, or leave Interface= out")
        }
        guard let name = InterfaceName(text) else {
            let rule = "write 1 to 15 octets without white space, / and :, such as wlan0"
            throw SettingProblem("not a name of an interface; \(rule)")
        }
        return name
    }

    /// Names, separated by white space, best first.
    static func names(_ assignment: ConfigurationAssignment, of owner: String) throws(SettingProblem)
        -> [InterfaceName]
    {
        var names: [InterfaceName] = []
        for word in assignment.words {
            let name = try name(String(word), of: owner)
            if !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// Patterns and names, separated by white space. None matches `lo`, whatever it says.
    static func patterns(_ assignment: ConfigurationAssignment) throws(SettingProblem) -> [InterfacePattern] {
        var patterns: [InterfacePattern] = []
        for word in assignment.words {
            guard word != loopback else {
                throw SettingProblem("lo leads nowhere; write uplinks, such as wlan0 or en*")
            }
            guard let pattern = InterfacePattern(word), isPattern(word) || InterfaceName(word) != nil else {
                let remedy = "write names such as wlan0, or patterns such as en*, separated by spaces"
                throw SettingProblem(
                    "\(Excerpt.of(String(word))) matches no name of an interface; \(remedy)")
            }
            patterns.append(pattern)
        }
        return patterns
    }

    private static let loopback = "lo"

    private static func isPattern(_ text: some StringProtocol) -> Bool {
        text.contains { "*?[".contains($0) }
    }
}
