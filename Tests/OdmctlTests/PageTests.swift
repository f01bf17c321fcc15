import Testing

@testable import odmctl

@Suite struct PageTests {
    private let size = Page.Size(lines: 4, columns: 10)
    /// Clears the terminal; the cursor is at its start.
    private let clear = "\u{1B}[H\u{1B}[2J"

    /// Lines from the start of the terminal on, and nothing after them.
    private func drawn(_ lines: String...) -> String {
        "\u{1B}[H" + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J"
    }

    @Test func onlyWhatChangesIsDrawn() {
        var page = Page()
        #expect(page.change(to: "a\nb", on: size) == clear + drawn("a", "b"))
        #expect(page.change(to: "a\nb", on: size) == "")
        #expect(page.change(to: "a", on: size) == drawn("a"))
    }

    @Test func anEmptyPageIsDrawnToo() {
        var page = Page()
        #expect(page.change(to: "", on: size) == clear + drawn(""))
    }

    @Test func aNewSizeClears() {
        var page = Page()
        _ = page.change(to: "a", on: size)
        #expect(page.change(to: "a", on: Page.Size(lines: 5, columns: 10)) == clear + drawn("a"))
    }

    @Test(arguments: [
        ("a\nb\nc", ["a", "b", "c"]), ("a\nb\nc\nd", ["a", "b", "… 2 more"]),
        ("0123456789\nb\nc", ["0123456789", "b", "c"]),
        ("0123456789x\nb\nc", ["0123456789x", "… 2 more"]),
        ("\u{1B}[1;31m01234\u{1B}[m56789\nb\nc", ["\u{1B}[1;31m01234\u{1B}[m56789", "b", "c"]),
    ])
    func whatDoesNotFitIsCounted(text: String, lines: [String]) {
        var page = Page()
        let expected = clear + "\u{1B}[H" + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J"
        #expect(page.change(to: text, on: size) == expected)
    }

    @Test func aTerminalOfOneLineHasRoomForOneNote() {
        var page = Page()
        let change = page.change(to: "a\nb", on: Page.Size(lines: 1, columns: 1))
        #expect(change == clear + drawn("… 2 more"))
    }
}
