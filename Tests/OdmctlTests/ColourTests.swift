import Testing

@testable import odmctl

@Suite struct ColourTests {
    @Test(arguments: [
        (true, ["TERM": "xterm"], true), (false, ["TERM": "xterm"], false), (true, [:], false),
        (true, ["TERM": "dumb"], false), (true, ["TERM": "xterm", "NO_COLOR": "1"], false),
        (true, ["TERM": "xterm", "NO_COLOR": ""], true),
    ])
    func onlyWhereTheyAreWanted(isTerminal: Bool, environment: [String: String], isWanted: Bool) {
        #expect(Colour.isWanted(isTerminal: isTerminal) { environment[$0] } == isWanted)
    }

    @Test(
        arguments: [
            ("active", .green), ("ready", .green), ("lingering", .yellow), ("deprecated", .yellow),
            ("ended", .red),
            ("no interface", .red), ("removing", nil), ("some later state", nil),
        ] as [(String, Colour?)])
    func states(state: String, colour: Colour?) {
        #expect(Colour.ofState(state) == colour)
    }
}
