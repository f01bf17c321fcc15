import CLibc
import EventLoop
import Mobility
import Posix

/// What the program odmd does, from its arguments to its exit status.
public enum Program {
    public static let version = "0.1.0"

    /// - Parameter arguments: without the name of the program.
    public static func run(_ arguments: [String]) -> Int32 {
        switch DaemonCommand(arguments: arguments, version: version) {
        case .print(let text):
            Process.print(text)
            return EX_OK
        case .usageError(let text):
            Process.print(text, toError: true)
            return EX_USAGE
        case .checkConfiguration(let path, let isDefaultPath):
            let check = ConfigurationCheck(path: path, isDefaultPath: isDefaultPath)
            Process.print(check.text, toError: !check.isGood)
            return check.isGood ? EX_OK : EX_CONFIG
        case .findHolders:
            return run(Log(program: "odmd", level: .info)) { _ in try HolderServer().run() }
        case .run(let options):
            return serve(options)
        }
    }

    private static func serve(_ options: DaemonOptions) -> Int32 {
        let log = Log(program: "odmd", level: .info)
        let loaded: LoadedConfiguration
        do {
            loaded = try DaemonConfiguration.load(
                path: options.configurationPath, isDefaultPath: options.isDefaultConfiguration)
        } catch {
            for line in error.lines { log.error("\(line)") }
            return EX_CONFIG
        }
        log.level = loaded.configuration.logLevel
        return run(log) { try Service(options, loaded, $0).run() }
    }

    private static func run(_ log: Log, _ service: (Log) throws -> Int32) -> Int32 {
        do {
            return try service(log)
        } catch {
            log.error("\(error)")
            return EX_OSERR
        }
    }
}
