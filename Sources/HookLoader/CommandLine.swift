import Posix

/// What the command line of odmd-hooks asks for.
public enum LoaderCommand: Equatable, Sendable {
    case load(LoaderOptions)
    case unload(LoaderOptions)
    case status(LoaderOptions)
    /// Text for standard output; the exit status is 0.
    case print(String)
    /// Text for standard error; the exit status is EX_USAGE.
    case usageError(String)

    /// - Parameter arguments: without the name of the program.
    /// - Parameter defaults: what counts unless an option says otherwise.
    public init(arguments: [String], defaults: LoaderOptions, version: String) {
        self = CommandLineParser.command(arguments, defaults, version: version)
    }
}

private enum Option: String {
    case object = "--object"
    case controlGroup = "--cgroup"
    case pin = "--pin"
    case owner = "--owner"
    case verbose = "--verbose"
    case version = "--version"
    case help = "--help"

    /// What its value is; nil if it takes none.
    var value: String? {
        switch self {
        case .object: "FILE"
        case .controlGroup, .pin: "DIRECTORY"
        case .owner: "USER"
        case .verbose, .version, .help: nil
        }
    }
}

private enum Verb: String {
    case load, unload, status
}

/// Options are `--name value` or `--name=value`, before or after the verb; the last of a name counts, as do --help and
/// --version at once.
private enum CommandLineParser {
    static let help = """
        Usage: odmd-hooks load|unload|status [OPTION]…

        Has the kernel give IPv6 source addresses to programs that know nothing of odmd.

          load                     load the programs, or replace those that are loaded
          unload                   take them away
          status                   say what is loaded

          --object FILE            the programs (lib/odmd/odm-hooks.bpf.o beside sbin)
          --cgroup DIRECTORY       the control group of version 2 that they are for (the root of all)
          --pin DIRECTORY          where they are kept, on a BPF file system (/sys/fs/bpf/odm)
          --owner USER             who may use their maps (odmd)
          --verbose                say what the kernel's verifier says
          --version                say which version this is, and end
          --help                   say this, and end

        Exit status: 0 success, 64 wrong usage, 69 not loaded, or something is not there that it takes,
        71 refused by the system, 77 not permitted.
        """

    static func command(
        _ arguments: [String], _ defaults: LoaderOptions, version: String
    ) -> LoaderCommand {
        var options = defaults
        var verb: Verb?
        var rest = arguments[...]
        do {
            while let argument = rest.popFirst() {
                guard argument.hasPrefix("-") else {
                    verb = try take(argument, after: verb)
                    continue
                }
                let (option, value) = try take(argument, from: &rest)
                switch option {
                case .object: options.object = value
                case .controlGroup: options.controlGroup = value
                case .pin: options.pinDirectory = value
                case .owner: options.owner = value
                case .verbose: options.isVerbose = true
                case .version: return .print("odmd-hooks \(version)")
                case .help: return .print(help)
                }
            }
        } catch {
            return .usageError("odmd-hooks: \(error.text)")
        }
        switch verb {
        case .load: return .load(options)
        case .unload: return .unload(options)
        case .status: return .status(options)
        case nil: return .usageError("odmd-hooks: say load, unload or status; see odmd-hooks --help")
        }
    }

    private static func take(_ argument: String, after verb: Verb?) throws(LongOption.Mistake) -> Verb {
        guard verb == nil, let taken = Verb(rawValue: argument) else {
            throw LongOption.Mistake("unexpected argument '\(argument.prefix(80))'; see odmd-hooks --help")
        }
        return taken
    }

    /// An option and its value, empty if it takes none.
    private static func take(
        _ argument: String, from rest: inout ArraySlice<String>
    ) throws(LongOption.Mistake) -> (Option, String) {
        let (name, value) = try LongOption.take(argument, from: &rest) { (name) throws(LongOption.Mistake) in
            guard let option = Option(rawValue: name) else {
                throw LongOption.Mistake("unknown option \(name.prefix(80)); see odmd-hooks --help")
            }
            return option.value
        }
        return (Option(rawValue: name)!, value)
    }
}
