import NetworkSide

/// `ContinuityOptionCode=`: the number of OPTION_IPv6_CONTINUITY_SERVICE, which IANA has not assigned.
enum ContinuityOptionCode {
    static func read(_ assignment: ConfigurationAssignment) throws(SettingProblem) -> UInt16 {
        let code = UInt16(try assignment.number(in: 1...65535))
        guard Conveyance.isFree(code) else {
            throw SettingProblem(
                "DHCPv6 has another option of this number; write the one that the server expects")
        }
        return code
    }
}
