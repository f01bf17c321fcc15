import Posix

/// What `run` has decided to do: which variables are set, and what is executed with them.
struct RunPlan {
    private let wishes: WishOptions
    /// The program and its arguments.
    private let command: [String]
    /// Nil if there is no such program, or the kernel's programs are to do it.
    private let reach: Reach?
    /// In the order in which they are shown; none if the program is run as it always is.
    private let variables: [(name: String, value: String)]

    init(_ wishes: WishOptions, _ command: [String]) throws(Failure) {
        self.wishes = wishes
        self.command = command
        guard !wishes.kernel else {
            (reach, variables) = (nil, [])
            return
        }
        let library = try PreloadLibrary.find()
        reach = SearchPath.find(command[0]).map { Reach(path: $0, caller: .own) }
        let others = Environment.value(of: PreloadLibrary.variable)
        variables =
            reach?.obstacle != nil
            ? []
            : [
                (PreloadLibrary.variable, PreloadLibrary.value(library, before: others)),
                ("ODM_RUN", wishes.words),
            ]
    }

    /// Tells what is in the way.
    ///
    /// - Throws: if it may not be run for that reason.
    func announce() throws(Failure) {
        guard let problem else { return }
        if wishes.strict { throw Failure(problem, ExitStatus.configuration) }
        Session.warn(problem)
    }

    /// Executes the program in the place of this process.
    func perform() throws(Failure) -> Never {
        for (name, value) in variables { Environment.set(name, to: value) }
        do {
            try Execution.become(lastWords: command.count)
        } catch {
            let isMissing = error.errno == ErrorNumber.noEntry
            throw Failure(
                "\(error)", isMissing ? ExitStatus.programNotFound : ExitStatus.cannotExecute)
        }
    }

    /// What is in the way, and what to do about it.
    private var problem: String? {
        guard let reach, let explanation = reach.explanation else { return nil }
        let text = "the library does not reach \(command[0]): \(explanation)"
        guard reach.obstacle?.leavesItRunning == true else { return text }
        let condition = wishes.serve || wishes.onNet ? ", without --serve and --on-net" : ""
        return "\(text); use --kernel\(condition)"
    }

    // MARK: Showing

    /// Lines that a shell takes.
    var text: String {
        let words =
            variables.map { ShellQuoting.assignment($0.name, $0.value) } + command.map(ShellQuoting.quoted)
        let line = words.joined(separator: " ")
        return (isRefused ? "" : line + "\n") + ShellQuoting.comment(findings)
    }

    private var findings: String {
        if wishes.kernel { return "programs in the kernel give it \(wishes.type.rawValue) addresses" }
        guard let reach else { return "there is no such program" }
        guard let problem else { return reach.findings }
        return isRefused ? "\(problem); with --strict it is not run" : problem
    }

    private var isRefused: Bool { wishes.strict && problem != nil }

    var json: JsonValue {
        let environment = variables.map { ($0.name, JsonValue.string($0.value)) }
        var members: [String: JsonValue] = [
            "command": .array(command.map(JsonValue.string)),
            "environment": .object(Dictionary(uniqueKeysWithValues: environment)),
        ]
        if let reach {
            members["paths"] = .array(reach.paths.map(JsonValue.string))
            if reach.isKnown { members["reached"] = .bool(reach.obstacle == nil) }
        }
        if let problem { members["problem"] = .string(problem) }
        return .object(members)
    }
}
