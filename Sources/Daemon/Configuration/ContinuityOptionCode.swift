/// `ContinuityOptionCode=`: the number of OPTION_IPv6_CONTINUITY_SERVICE, which IANA has not assigned.
enum ContinuityOptionCode {
    /// Options of RFC 8415 that our client reads or writes, which would be taken for one another.
    private static let taken: Set<Int> = [1, 2, 3, 5, 6, 7, 8, 13, 14, 15, 25, 26, 82, 83]

    static func read(_ assignment: ConfigurationAssignment) throws(SettingProblem) -> UInt16 {
        let code = try assignment.number(in: 1...65535)
        guard !taken.contains(code) else {
            throw SettingProblem(
                "DHCPv6 has another option of this number; write that which the server expects")
        }
        return UInt16(code)
    }
}
