import ArgumentParser
import Posix

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a program that knows nothing of odmd with addresses of a type.",
        discussion: """
            A library is preloaded into it, which asks odmd whenever the program connects or sends, and binds the \
            socket to the address first. It does not reach programs that are linked statically, Go programs and those \
            with the set-user-ID bit; that is told, and the program runs as it always does. What follows the program's name \
            is the program's. The exit code is that of the program; 126 if it cannot be run, 127 if there is none.
            """)

    @OptionGroup var wishes: WishOptions

    @Flag(help: "Print what would be run, and what was found out about it, and do not run it.")
    var show = false

    @OptionGroup var inner: InnerOptions
    @ParentCommand var parent: Odmctl

    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp("The program, and its arguments.", valueName: "program"))
    var words: [String] = []

    func validate() throws {
        // What the parser does not know begins the words, too, and where others are before it, so does this.
        if let first = words.first, ["-h", "--help"].contains(first) {
            throw CleanExit.helpRequest(Self.self)
        }
        if let first = words.first, first.hasPrefix("-"), first != "--" {
            throw ValidationError(
                "Unknown option '\(first)'; before the name of a program that begins so, put --")
        }
        if command.first?.isEmpty ?? true { throw ValidationError("Missing expected argument '<program>'") }
    }

    /// The program and its arguments.
    var command: [String] { Array(words.first == "--" ? words.dropFirst() : words[...]) }

    private func assign() throws(Failure) {
        do throws(Failure) {
            try KernelAssignment(type: wishes.type, options: options).perform()
        } catch {
            if wishes.strict { throw error }
            Session.warn("\(error.message); \(command[0]) runs as it always does")
        }
    }

    var options: Options { inner.over(parent.options) }

    func run() throws {
        try Session.reporting { () throws(Failure) in
            let plan = try RunPlan(wishes, command)
            if show {
                Process.print(options.json ? Json.line(plan.json) : plan.text)
                return
            }
            try plan.announce()
            if wishes.kernel { try assign() }
            try plan.perform()
        }
    }
}
