import Mobility
import Testing

/// Who may have what: (rules, who, type) → the rule that decides.
@Suite("promise 6: nobody gets a type that policy does not give him") struct PolicyTests {
    private struct Somebody {
        var user: UInt32
        var standing: Standing
    }

    private func somebody(
        _ user: UInt32, groups: [UInt32] = [], unit: ServiceUnit = .none
    ) -> Somebody {
        Somebody(user: user, standing: Standing(groups: groups, unit: unit))
    }

    private func decides(_ policy: Policy, _ type: ContinuityType, _ asking: Somebody) -> PolicyRule {
        policy.rules[policy.decidingRule(for: type, user: asking.user, asking.standing)]
    }

    // MARK: The built-in rules

    @Test(arguments: [ContinuityType.sessionLasting, .nonPersistent, .gracefulReplacement])
    func everybodyHasWhatIsNotFixed(type: ContinuityType) {
        let rule = decides(Policy(), type, somebody(1000))
        #expect(rule.action == .allow)
        #expect(rule.isBuiltIn)
        #expect(rule.isForEverybody)
    }

    @Test func onlyRootAndAGroupHaveFixed() {
        let policy = Policy(fixedGroup: 77)
        #expect(decides(policy, .fixed, somebody(0)).action == .allow)
        #expect(decides(policy, .fixed, somebody(1000)).action == .deny)
        #expect(decides(policy, .fixed, somebody(1000, groups: [5, 77])).action == .allow)
        #expect(decides(Policy(), .fixed, somebody(1000, groups: [77])).action == .deny)
    }

    // MARK: The administrator's

    @Test func theFirstRuleThatMatchesDecides() {
        let policy = Policy([
            PolicyRule(name: "a", types: [.fixed], users: [7]),
            PolicyRule(name: "b", users: [7], action: .deny),
            PolicyRule(name: "c", types: [.fixed]),
        ])
        #expect(decides(policy, .fixed, somebody(7)).name == "a")
        #expect(decides(policy, .nonPersistent, somebody(7)).name == "b")
        #expect(decides(policy, .fixed, somebody(8)).name == "c")
        #expect(decides(policy, .nonPersistent, somebody(8)).isBuiltIn)
    }

    @Test func allThatIsNamedMustMatch() {
        let rule = PolicyRule(
            name: "a", users: [7, 8], groups: [3, 4], units: ["voip-*.service", "b.service"])
        let policy = Policy([rule])
        let unit = ServiceUnit.named("voip-1.service")
        #expect(decides(policy, .fixed, somebody(7, groups: [4], unit: unit)).name == "a")
        #expect(decides(policy, .fixed, somebody(8, groups: [9, 3], unit: .named("b.service"))).name == "a")
        #expect(decides(policy, .fixed, somebody(9, groups: [4], unit: unit)).isBuiltIn)
        #expect(decides(policy, .fixed, somebody(7, groups: [9], unit: unit)).isBuiltIn)
        #expect(decides(policy, .fixed, somebody(7, groups: [4], unit: .named("a.service"))).isBuiltIn)
        #expect(decides(policy, .fixed, somebody(7, groups: [4])).isBuiltIn)
    }

    /// A process that ended before it could be looked at, or a kernel that does not say which it was.
    @Test func whoseUnitIsNotKnownHasWhatIsDeniedToIt() {
        let unknown = somebody(7, unit: .unknown)
        let denying = Policy([PolicyRule(name: "a", units: ["a.service"], action: .deny)])
        #expect(decides(denying, .sessionLasting, unknown).name == "a")
        let allowing = Policy([PolicyRule(name: "a", types: [.fixed], units: ["a.service"])])
        #expect(decides(allowing, .fixed, unknown).action == .deny)
    }

    @Test func onlyWhatARuleAsksIsToBeFoundOut() {
        let policy = Policy(
            [
                PolicyRule(name: "a", types: [.nonPersistent], units: ["a.service"]),
                PolicyRule(name: "b", types: [.nonPersistent, .sessionLasting], users: [7]),
                PolicyRule(name: "c", types: [.sessionLasting]),
                PolicyRule(name: "d", types: [.sessionLasting], groups: [1]),
            ], fixedGroup: 77)
        #expect(policy.claims[.nonPersistent] == .unit)
        #expect(policy.claims[.sessionLasting] == [])
        #expect(policy.claims[.gracefulReplacement] == [])
        #expect(policy.claims[.fixed] == .groups)
    }

    // MARK: In the rules

    @Test func whoIsDeniedIsTold() {
        var world = World { $0.policy = Policy() }
        #expect(world.ask(.fixed, cookie: 1).answer == .refused(.denied(rule: 2)))
        _ = world.get(.sessionLasting, cookie: 1)
        _ = world.get(.fixed, cookie: 2, user: 0)
    }

    @Test func whoIsDeniedAnAddressThatIsThereDoesNotGetItEither() {
        var world = World { $0.policy = Policy() }
        _ = world.get(.fixed, cookie: 1, user: 0)
        #expect(world.ask(.fixed, cookie: 2).answer == .refused(.denied(rule: 2)))
        #expect(world.rules.socketCount == 1)
    }

    @Test func theAdministratorIsNotBoundByRules() {
        var world = World { $0.policy = Policy([PolicyRule(name: "none", action: .deny)]) }
        let done = world.perform(world.acquire(.fixed))
        #expect(done.contains { if case .addAddress = $0 { true } else { false } })
    }

    @Test func aNewPolicyIsForNewRequests() {
        var world = World()
        let address = world.get(.fixed, cookie: 1)
        let actions = world.reconfigure { $0.policy = Policy([PolicyRule(name: "none", action: .deny)]) }
        #expect(!world.perform(actions + world.pass(.seconds(100))).removes(address))
        #expect(world.ask(.fixed, cookie: 1).answer == .refused(.denied(rule: 0)))
        #expect(world.rules.latestGrant(of: 1)?.address == address)
    }
}
