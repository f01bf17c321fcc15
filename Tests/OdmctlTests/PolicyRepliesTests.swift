import Testing

@testable import odmctl

@Suite("Rules, configuration and explanations as text") struct PolicyRepliesTests {
    private func reply<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try SuccessReply(message: Array(#"{"parameters":\#(text)}"#.utf8)).parameters(as: type)
    }

    @Test func rulesSayForWhomTheyAre() throws {
        let rules = try reply(
            RulesReply.self,
            """
            {"rules":[
              {"name":"premium","built_in":false,"types":["fixed"],"users":[0,4294967294],"groups":[0],
               "units":["voip-*.service","a.service"],"action":"allow","max_addresses":1,"max_sockets":1024},
              {"name":"default","built_in":true,"types":["fixed","session-lasting"],"action":"deny"}]}
            """)
        let rows = rules.table.rows
        #expect(
            rows == [
                [
                    "premium", "allow", "fixed",
                    "user root 4294967294, group root, unit voip-*.service a.service",
                    "1 address, 1024 sockets",
                ],
                ["default", "deny", "fixed session-lasting", "everybody", "-"],
            ])
    }

    private func configuration() throws -> ConfigReply {
        try reply(
            ConfigReply.self,
            """
            {"settings":[
              {"section":"Daemon","key":"AdminGroup","value":"wheel","file":"/etc/odmd/odmd.conf","line":3},
              {"section":"Daemon","key":"LogLevel","value":"info"},
              {"section":"Source modem","key":"Command","file":"/etc/odmd/odmd.conf.d/a.conf","line":2}]}
            """)
    }

    @Test func theConfigurationSaysWhereEachValueIsFrom() throws {
        #expect(
            try configuration().text(isChangedOnly: false) == """
                [Daemon]
                AdminGroup=wheel     /etc/odmd/odmd.conf:3
                LogLevel=info        default

                [Source modem]
                Command=(not shown)  /etc/odmd/odmd.conf.d/a.conf:2
                """)
    }

    @Test func defaultsCanBeLeftOut() throws {
        #expect(try !configuration().text(isChangedOnly: true).contains("LogLevel"))
        let defaults = try reply(
            ConfigReply.self, #"{"settings":[{"section":"Daemon","key":"LogLevel","value":"info"}]}"#)
        #expect(defaults.text(isChangedOnly: true) == "Everything has its default.")
    }

    private let rule =
        #""rule":{"name":"few","built_in":false,"types":["fixed"],"action":"allow","max_sockets":9}"#

    @Test func anExplanationNamesRuleSourcesAndAnswer() throws {
        let explanation = try reply(
            ExplainReply.self,
            """
            {"user":0,"groups":[0],"unit":"voip-1.service",\(rule),"sockets":3,"outcome":"made",
             "address":"2001:db8::1","considered":[
               {"source":"a","verdict":"other_types"},
               {"source":"b","interface":"wlan0","verdict":"nothing","reason":"network_refused"},
               {"source":"c","interface":"eth0","verdict":"gives","address":"2001:db8::1"}]}
            """)
        #expect(
            explanation.text(.fixed) == """
                fixed
                  who      user root, groups root, unit voip-1.service
                  rule     few allows it; the user has 3 of 9 sockets
                  sources  a does not give this type
                           b on wlan0 gives nothing: the network has no address of this type to give
                           c on eth0 has 2001:db8::1
                  answer   2001:db8::1, which would be made
                """)
    }

    @Test(arguments: [
        (#""outcome":"shared","address":"2001:db8::1""#, "2001:db8::1, which is there and shared"),
        (#""outcome":"asked""#, "what the network gives"),
        (
            #""outcome":"refused","reason":"over_quota","errno":122"#,
            "refused: the user has as much as the policy allows"
        ),
        (
            #""outcome":"refused","reason":"later","errno":1"#,
            "refused: for a reason that odmctl does not know: later"
        ),
    ])
    func answers(members: String, answer: String) throws {
        let explanation = try reply(
            ExplainReply.self, #"{"user":0,"groups":[],\#(rule),"considered":[],\#(members)}"#)
        #expect(explanation.text(.fixed).hasSuffix("  answer   \(answer)"))
        #expect(explanation.text(.fixed).contains("groups none"))
    }
}
