import Mobility
import Testing

@testable import Daemon

@Suite("Rules in the configuration") struct ConfigurationRuleTests {
    private func rules(_ text: String) throws -> [PolicyRule] {
        try configuration(text).mobility.policy.rules.filter { !$0.isBuiltIn }
    }

    @Test func eachKeyIsTakenOver() throws {
        let text = """
            [Rule premium]
            Types=fixed session-lasting
            User=root 1000
            Group=root 5
            Unit=voip-*.service nginx.service
            Action=allow
            MaxAddresses=4
            MaxSockets=1024
            """
        #expect(
            try rules(text) == [
                PolicyRule(
                    name: "premium", types: [.fixed, .sessionLasting], users: [0, 1000], groups: [0, 5],
                    units: ["voip-*.service", "nginx.service"], maxAddresses: 4, maxSockets: 1024)
            ])
    }

    @Test func aRuleThatSaysNothingIsForEverybodyAndEverything() throws {
        #expect(try rules("[Rule a]") == [PolicyRule(name: "a")])
        #expect(try rules("[Rule a]\nAction=deny") == [PolicyRule(name: "a", action: .deny)])
    }

    @Test func emptyValuesGoBack() throws {
        let text =
            "Types=fixed\nTypes=\nUser=1\nUser=\nGroup=1\nGroup=\nUnit=a.b\nUnit=\nAction=deny\nAction=\n"
        #expect(
            try rules("[Rule a]\n\(text)MaxAddresses=1\nMaxAddresses=\nMaxSockets=1\nMaxSockets=\n")
                == [PolicyRule(name: "a")])
    }

    @Test func theyAreInTheOrderOfTheirFirstHeaders() throws {
        let configuration = try configuration(
            ("a", "[Rule x]\nUser=1\n[Rule y]\nUser=2\n"), ("b", "[Rule z]\nUser=3\n[Rule x]\nUser=4\n"))
        let rules = configuration.mobility.policy.rules
        #expect(rules.prefix(3).map(\.name) == ["x", "y", "z"])
        #expect(rules.first?.users == [1, 4])
        #expect(rules.dropFirst(3).allSatisfy { $0.isBuiltIn })
    }

    @Test func policyOfTypes() throws {
        let types = try configuration(
            "[Type session-lasting]\nAcquire=boot\nMaxAgeSec=1h\nMaxBytes=20G\n[Daemon]\nDefaultType=session-lasting"
        ).mobility
        #expect(types.types.sessionLasting.isAcquiredAtBoot)
        #expect(types.types.sessionLasting.maxAge == .seconds(3600))
        #expect(types.types.sessionLasting.maxOctets == 20 << 30)
        #expect(types.defaultType == .sessionLasting)
        let never = try configuration("[Type non-persistent]\nMaxAgeSec=infinity\nMaxBytes=infinity").mobility
        #expect(never.types == Mobility.Configuration().types)
        #expect(try configuration("[Daemon]\nDefaultType=none").mobility.defaultType == nil)
    }
}
