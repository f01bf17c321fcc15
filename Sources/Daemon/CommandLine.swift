import Posix

/// Where odmd finds things.
public struct DaemonOptions: Equatable, Sendable {
    public var configurationPath = "/etc/odmd/odmd.conf"
    /// Nobody named the configuration file: it may be missing.
    public var isDefaultConfiguration = true
    /// The daemon's own, for the time that the machine runs.
    public var runtimeDirectory = "/run/odmd"
    /// What outlives the machine.
    public var stateDirectory = "/var/lib/odmd"
    /// Sockets for applications and administration.
    public var socketDirectory = "/run/odm"
    /// Where the maps of the hooks stand, in a BPF file system.
    public var hooksDirectory = "/sys/fs/bpf/odm"
    /// Who looks into other processes in the daemon's place; nil: it does so itself.
    public var holdersSocket: String?

    public init() {}
}

/// What the command line of odmd asks for.
public enum DaemonCommand: Equatable, Sendable {
    case run(DaemonOptions)
    case checkConfiguration(path: String, isDefaultPath: Bool)
    /// To look into processes for another odmd.
    case findHolders
    /// Text for standard output; the exit status is 0.
    case print(String)
    /// Text for standard error; the exit status is EX_USAGE.
    case usageError(String)

    /// - Parameter arguments: without the name of the program.
    public init(arguments: [String], version: String) {
        self = CommandLineParser.command(arguments, version: version)
    }
}

private enum Option: String, CaseIterable {
    case config = "--config"
    case runtimeDirectory = "--runtime-directory"
    case stateDirectory = "--state-directory"
    case socketDirectory = "--socket-directory"
    case hooksDirectory = "--hooks-directory"
    case holders = "--holders"
    case checkConfig = "--check-config"
    case findHolders = "--find-holders"
    case version = "--version"
    case help = "--help"

    /// What its value is; nil if it takes none.
    var value: String? {
        switch self {
        case .config: "FILE"
        case .runtimeDirectory, .stateDirectory, .socketDirectory, .hooksDirectory: "DIR"
        case .holders: "SOCKET"
        case .checkConfig, .findHolders, .version, .help: nil
        }
    }
}

/// Options are `--name value` or `--name=value`; the last of a name counts, as do --help and --version at once.
private enum CommandLineParser {
    static let help = """
        Usage: odmd [OPTION]…

        Gives IPv6 source addresses to sockets that say how durable they must be.

          --config FILE            configuration (/etc/odmd/odmd.conf); drop-ins are FILE.d/*.conf
          --runtime-directory DIR  the daemon's own, for the time the machine runs (/run/odmd)
          --state-directory DIR    what outlives the machine (/var/lib/odmd)
          --socket-directory DIR   sockets for applications and administration (/run/odm)
          --hooks-directory DIR    where odmd-hooks(8) has put its maps (/sys/fs/bpf/odm)
          --holders SOCKET         who looks for the holders of sockets in our place
          --check-config           say whether the configuration is good, and end
          --find-holders           look into processes for another odmd, and nothing else
          --version                say which version this is, and end
          --help                   say this, and end

        Signals: SIGHUP reads the configuration again, SIGTERM stops.
        Exit status: 0 success, 64 wrong usage, 71 refused by the system, 78 wrong configuration.
        """

    static func command(_ arguments: [String], version: String) -> DaemonCommand {
        var options = DaemonOptions()
        var (isCheck, isSearch) = (false, false)
        var rest = arguments[...]
        do {
            while let argument = rest.popFirst() {
                let (option, value) = try take(argument, from: &rest)
                switch option {
                case .config:
                    options.configurationPath = value
                    options.isDefaultConfiguration = false
                case .runtimeDirectory: options.runtimeDirectory = value
                case .stateDirectory: options.stateDirectory = value
                case .socketDirectory: options.socketDirectory = value
                case .hooksDirectory: options.hooksDirectory = value
                case .holders: options.holdersSocket = value
                case .checkConfig: isCheck = true
                case .findHolders: isSearch = true
                case .version: return .print("odmd \(version)")
                case .help: return .print(help)
                }
            }
        } catch {
            return .usageError("odmd: \(error.text)")
        }
        if isSearch { return .findHolders }
        guard isCheck else { return .run(options) }
        return .checkConfiguration(
            path: options.configurationPath, isDefaultPath: options.isDefaultConfiguration)
    }

    /// An option and its value, empty if it takes none.
    private static func take(
        _ argument: String, from rest: inout ArraySlice<String>
    ) throws(LongOption.Mistake) -> (Option, String) {
        let (name, value) = try LongOption.take(argument, from: &rest) { (name) throws(LongOption.Mistake) in
            guard let option = Option(rawValue: name) else { throw unknown(argument, name) }
            return option.value
        }
        return (Option(rawValue: name)!, value)
    }

    private static func unknown(_ argument: String, _ name: String) -> LongOption.Mistake {
        guard argument.hasPrefix("-"), argument != "--" else {
            return LongOption.Mistake("unexpected argument '\(Excerpt.of(argument))'; see odmd --help")
        }
        let nearest = Suggestion.nearest(to: name, among: Option.allCases.map(\.rawValue))
        let hint = nearest.map { "did you mean \($0)?" } ?? "see odmd --help"
        return LongOption.Mistake("unknown option \(Excerpt.of(name)); \(hint)")
    }
}
