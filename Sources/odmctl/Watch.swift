import Posix

/// Shows something again and again, until it is interrupted or nobody looks any more.
struct Watch {
    enum Style {
        /// On a page of the terminal, drawn anew when it changes.
        case page
        /// One below the other, each followed by an empty line.
        case blocks
        /// One a line.
        case lines
    }

    let milliseconds: Int32
    let style: Style

    private var page = Page()
    /// Why there is nothing to show at the moment; told once.
    private var outage: Failure?

    /// - Parameter style: nil for what fits where output goes.
    init(milliseconds: Int32, style: Style?) {
        self.milliseconds = milliseconds
        let hasPages = Terminal.isOutput && !Terminal.isSimple(Environment.value(of: "TERM"))
        self.style = style ?? (hasPages ? .page : .blocks)
    }

    /// Shows what `text` makes, until the end. Once it was shown, odmd may stop and start again.
    ///
    /// - Throws: `Failure` if there is nothing to show at first, or never will be.
    mutating func run(_ text: () throws(Failure) -> String) throws(Failure) {
        if style == .page { Process.endDrawingAtInterrupt() } else { Process.endAtInterrupt() }
        var isSeen = show(try text())
        while isSeen, Process.wait(milliseconds: milliseconds) {
            do throws(Failure) {
                isSeen = show(try text())
                outage = nil
            } catch {
                guard error.mayPass else { throw error }
                isSeen = tell(error)
            }
        }
    }

    /// - Returns: false if nobody sees it.
    private mutating func show(_ text: String) -> Bool {
        switch style {
        case .page: draw(text)
        case .blocks: Process.print(text.isEmpty ? "" : text + "\n")
        case .lines: Process.print(text)
        }
    }

    private mutating func tell(_ failure: Failure) -> Bool {
        let told = Failure(failure.message + "\ntrying again", failure.exitCode)
        if style == .page {
            return draw(told.text(hasColours: Colour.isWanted(isTerminal: Terminal.isOutput)))
        }
        if outage != failure { Session.report(told) }
        outage = failure
        return true
    }

    private mutating func draw(_ text: String) -> Bool {
        let size = Page.Size(lines: Terminal.lines ?? 24, columns: Terminal.columns ?? 80)
        return Process.print(page.change(to: text, on: size), terminator: "")
    }
}
