import Testing

@testable import odmctl

@Suite struct TableTests {
    let table = Table(
        columns: [
            .init(title: "ADDRESS"), .init(title: "TYPE", narrowest: 8),
            .init(title: "SOCKETS", alignment: .right), .init(title: "SOURCE", importance: 2),
            .init(title: "FOR", importance: 1),
        ],
        rows: [
            ["2001:db8::1", "session-lasting", "12", "home", "alice"],
            ["2001:db8:a::2", "fixed", "0", "-", "-"],
        ])

    @Test func everythingWithoutALimit() {
        #expect(
            table.text(columns: nil) == """
                ADDRESS        TYPE             SOCKETS  SOURCE  FOR
                2001:db8::1    session-lasting       12  home    alice
                2001:db8:a::2  fixed                  0  -       -
                """)
    }

    @Test func exactlyFits() {
        #expect(table.text(columns: 54) == table.text(columns: nil))
    }

    @Test func leastImportantColumnGoesFirst() {
        #expect(
            table.text(columns: 53) == """
                ADDRESS        TYPE             SOCKETS  SOURCE
                2001:db8::1    session-lasting       12  home
                2001:db8:a::2  fixed                  0  -
                """)
    }

    @Test func thenColumnsAreCut() {
        #expect(
            table.text(columns: 34) == """
                ADDRESS        TYPE        SOCKETS
                2001:db8::1    session-l…       12
                2001:db8:a::2  fixed             0
                """)
    }

    @Test func whatMustStayStays() {
        #expect(
            table.text(columns: 1) == """
                ADDRESS        TYPE      SOCKETS
                2001:db8::1    session…       12
                2001:db8:a::2  fixed           0
                """)
    }

    @Test func longestAddressesKeepTheirColumnsAt80() throws {
        let text = """
            {"addresses":[{"address":"2001:db8:1111:2222:3333:4444:5555:6666","type":"graceful-replacement",
             "state":"configuring","sockets":100000,"age_seconds":185,"held":true,"initial":false,"source":"a-long-source-name",
             "interface":"enx001122334455","interface_index":12}]}
            """
        let table = try Json.decode(AddressesReply.self, from: Array(text.utf8)).table
        let lines = table.text(columns: 80).split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 80 })
        #expect(lines[0].contains("ADDRESS") && lines[0].contains("STATE") && lines[0].contains("SOCKETS"))
        #expect(lines[1].hasPrefix("2001:db8:1111:2222:3333:4444:5555:6666  graceful"))
    }

    @Test func coloursTakeNoRoom() {
        var table = table
        table.columns[1].colour = { $0 == "fixed" ? .red : nil }
        table.columns[4].colour = { $0 == "-" ? .green : nil }
        let coloured = table.text(columns: nil, hasColours: true)
        #expect(
            coloured == """
                ADDRESS        TYPE             SOCKETS  SOURCE  FOR
                2001:db8::1    session-lasting       12  home    alice
                2001:db8:a::2  \u{1B}[31mfixed\u{1B}[m                  0  -       \u{1B}[32m-\u{1B}[m
                """)
        #expect(table.text(columns: nil) == self.table.text(columns: nil))
    }

    @Test func aCellThatIsCutKeepsItsColour() {
        var table = table
        table.columns[1].colour = { $0 == "session-lasting" ? .yellow : nil }
        let text = table.text(columns: 34, hasColours: true)
        #expect(text.contains("\u{1B}[33msession-l…\u{1B}[m       12"))
    }
}
